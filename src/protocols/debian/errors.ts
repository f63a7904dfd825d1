import { defineErrors } from '#kernel/errors';

export const errors = defineErrors({
  DebianTools: [
    501,
    (program: string) =>
      `Debian packages are read with ${program}, which this host does not have; do this on Debian or Ubuntu and copy the result`,
  ],
  DebianIndex: [502, (why: string) => `The package index of this host's apt sources cannot be read: ${why}`],
  DebianPackages: [502, (why: string) => `The packages cannot be fetched: ${why}`],
});
