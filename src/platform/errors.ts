import { defineErrors } from '#kernel/errors';

/** Errors of this room. */
export const errors = defineErrors({
  ConfigInvalid: [500, (sentences: string) => sentences],
  CannotListen: [
    500,
    (who: string, where: string, why: string, remedy: string) => `${who} cannot listen on ${where}: ${why}. ${remedy}.`,
  ],
  DiskFull: [
    507,
    (dataDir: string, freeMib: number, neededMib: number) =>
      `The disk of ${dataDir} is full: ${freeMib} MiB are free and ${neededMib} MiB are needed. Free some space, or choose another disk with --data-dir.`,
  ],
});
