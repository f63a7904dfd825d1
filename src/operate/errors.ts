import { defineErrors } from '#kernel/errors';

/** Errors of this room. */
export const errors = defineErrors({
  FileUnusable: [500, (file: string, why: string) => `${file} cannot be used: ${why}`],
});
