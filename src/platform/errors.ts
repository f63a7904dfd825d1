import { defineErrors } from '#kernel/errors';

/** Errors of this room. */
export const errors = defineErrors({
  ConfigInvalid: [500, (sentences: string) => sentences],
});
