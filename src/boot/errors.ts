import { defineErrors } from '#kernel/errors';

export const errors = defineErrors({
  BootParameter: [
    400,
    (name: string, why: string) => `The kernel parameter ${JSON.stringify(name.slice(0, 80))} cannot be used: ${why}`,
  ],
  BootFile: [400, (what: string, why: string) => `The ${what} cannot be booted: ${why}`],
  BootNoRamdisk: [
    503,
    (arch: string, dir: string) =>
      `There is no deploy ramdisk for ${arch} in ${dir} (ingot ramdisk build --arch ${arch} makes it)`,
  ],
  BootMacTaken: [
    409,
    (mac: string, other: string) =>
      `Two machines have the network address ${mac}: node ${other} is being booted with it already`,
  ],
  BootInterface: [
    500,
    (name: string, known: string) => `There is no network interface ${name} with an address here; there are: ${known}`,
  ],
  BootDhcp: [500, (why: string) => `The DHCP and TFTP service does not run: ${why}`],
  BootMedia: [500, (why: string) => `The boot medium cannot be made: ${why}`],
});
