import type { KernelWord } from './kernel-arguments.ts';

/** What a loader's script is made from: an URL of ours and checked words, nothing else. */
export interface LinuxBoot {
  kernel: string;
  /** In order; later ones add to earlier ones. */
  initrds: readonly string[];
  words: readonly KernelWord[];
}

const URL_OF_OURS = /^(https?:\/\/[A-Za-z0-9.:[\]-]+)?(\/[A-Za-z0-9._~-]+)*\/?$/;

/** Ours are made of letters that no loader's language knows as more. A mistake here is a fault of the program. */
function plain(url: string): string {
  if (!URL_OF_OURS.test(url)) throw new TypeError('a boot URL has characters that a script may not hold');
  return url;
}

/** An iPXE script that boots a kernel; when that fails it asks again for whatever is offered then. */
export function ipxeLinux(boot: LinuxBoot, again: string): string {
  const names = boot.initrds.map((_url, index) => (index === 0 ? 'initrd' : `initrd${index}`));
  // UEFI kernels look their initrds up by name; BIOS ones get all that were loaded.
  const words = [...names.map((name) => `initrd=${name}`), ...boot.words].join(' ');
  const lines = [
    '#!ipxe',
    'imgfree',
    `kernel --name kernel ${plain(boot.kernel)} ${words} BOOTIF=01-\${netX/mac:hexhyp} || goto failed`,
    ...boot.initrds.map((url, index) => `initrd --name ${names[index]} ${plain(url)} || goto failed`),
    'boot || goto failed',
    ':failed',
    'echo Ingot: this boot did not work, asking again in 10 s',
    'sleep 10',
    `chain --replace ${plain(again)} || exit 1`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Boots an ISO as it is. */
export function ipxeIso(url: string): string {
  return `#!ipxe\nsanboot --no-describe ${plain(url)} || exit 1\n`;
}

/** Goes on with the machine's own disk. */
export function ipxeDisk(): string {
  return '#!ipxe\niseq ${platform} pcbios && sanboot --no-describe --drive 0x80 || exit 1\n';
}

/** Finds the script of this machine by its network address: where DHCP is somebody else's. */
export function ipxeByMac(base: string): string {
  const cards = ['netX', 'net0', 'net1', 'net2', 'net3'];
  return `#!ipxe\n${cards.map((card) => `chain --replace ${plain(base)}/\${${card}/mac:hexhyp}/boot.ipxe ||`).join('\n')}\nexit 1\n`;
}

/** A GRUB configuration that boots a kernel. `device`: `(http,10.9.0.1)`, or '' for the medium or the server GRUB came from. */
export function grubLinux(boot: LinuxBoot, device: string): string {
  if (!/^(\((http|tftp),[A-Za-z0-9.:[\]-]+\))?$/.test(device)) throw new TypeError('that is no device of GRUB');
  const word = (text: string) => `'${text}'`;
  return [
    'set timeout=0',
    'set pager=0',
    `linux ${word(device + plain(boot.kernel))} ${boot.words.map(word).join(' ')}`,
    `initrd ${boot.initrds.map((path) => word(device + plain(path))).join(' ')}`,
    'boot',
    '',
  ].join('\n');
}

/** Goes on with the next entry of the firmware's boot order. */
export function grubDisk(): string {
  return 'exit 1\n';
}

/** A configuration of SYSLINUX and its kin. `paths` on the medium or URLs. */
export function syslinuxLinux(boot: LinuxBoot, serial: boolean): string {
  const initrd = boot.initrds.map(plain).join(',');
  return [
    ...(serial ? ['SERIAL 0 115200'] : []),
    'DEFAULT ingot',
    'PROMPT 0',
    'TIMEOUT 1',
    'LABEL ingot',
    `  KERNEL ${plain(boot.kernel)}`,
    `  APPEND initrd=${initrd} ${boot.words.join(' ')}`,
    '',
  ].join('\n');
}

/** Goes on with the first disk. */
export function syslinuxDisk(): string {
  return 'DEFAULT disk\nPROMPT 0\nTIMEOUT 1\nLABEL disk\n  LOCALBOOT 0\n';
}
