import { defineErrors } from '#kernel/errors';

/** Errors of this room. */
export const errors = defineErrors({
  FileUnusable: [500, (file: string, why: string) => `${file} cannot be used: ${why}`],
  RackFailed: [502, (why: string) => `The rack did not start: ${why}`],
  RackImpossible: [
    501,
    (why: string, remedy: string) =>
      `A rack cannot be emulated here: ${why}.${remedy === '' ? '' : ` Type: ${remedy}`}`,
  ],
});
