import { defineErrors } from '#kernel/errors';

/** What can go wrong with a Keystone that is not ours. */
export const keystoneErrors = defineErrors({
  KeystoneUnreachable: [503, (why: string) => `The identity service cannot be reached: ${why}`],
  KeystoneAnswer: [502, (why: string) => `The identity service gave an answer that makes no sense: ${why}`],
  KeystoneRefused: [502, (why: string) => `The identity service refuses our own account: ${why}`],
});
