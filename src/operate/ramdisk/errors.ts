import { defineErrors } from '#kernel/errors';

export const errors = defineErrors({
  RamdiskIncomplete: [
    500,
    (what: readonly string[]) =>
      `The packages of this host's Debian release lack what the ramdisk needs: ${what.join(', ')}`,
  ],
  RamdiskArch: [400, (arch: string) => `There is no ramdisk for ${arch}; x86_64 and aarch64 can be built`],
  RamdiskNode: [
    501,
    (arch: string) => `No Node for ${arch} is installed here (npm package node-linux-${arch}); name one with --node`,
  ],
  RamdiskAgent: [501, (file: string) => `The agent ${file} is not there; name one with --agent`],
  RamdiskTooBig: [
    500,
    (bytes: number, limit: number) =>
      `The ramdisk has ${bytes} bytes and machines should not have to fetch more than ${limit}; leave packages out`,
  ],
});
