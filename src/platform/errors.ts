import { defineErrors } from '#kernel/errors';

/** Errors of this room. */
export const errors = defineErrors({
  ConfigInvalid: [500, (sentences: string) => sentences],
  CannotListen: [500, (where: string, why: string) => `The API cannot listen on ${where}: ${why}.`],
});
