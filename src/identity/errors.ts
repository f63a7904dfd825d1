import { defineErrors } from '#kernel/errors';

/** All errors of the identity room. Messages to callers who are not logged in say nothing of who exists. */
export const errors = defineErrors({
  Unauthorized: [401, () => 'The request you have made requires authentication.'],
  PasswordExpired: [401, (user: string) => `The password is expired and needs to be changed for user: ${user}.`],
  TooManyLogins: [429, () => 'Too many failed logins. Try again later.'],
  LoginBusy: [503, () => 'Too many logins at once. Try again in a moment.'],
  Forbidden: [403, (action: string) => `You are not authorized to perform the requested action: ${action}.`],
  Refused: [403, (why: string) => why],
  NotFound: [404, (what: string, id: string) => `Could not find ${what}: ${id}.`],
  Conflict: [409, (what: string, why: string) => `Conflict occurred attempting to store ${what} - ${why}.`],
  Invalid: [400, (why: string) => why],
  PasswordRefused: [400, (why: string) => `The password does not match the requirements: ${why}.`],
  NotImplemented: [501, (what: string) => `${what} is not offered.`],
  QuotaExceeded: [
    403,
    (resource: string, limit: number, used: number, wanted: number) =>
      `Quota exceeded for ${resource}: ${wanted} more wanted, ${used} of ${limit} used`,
  ],
  UnknownRule: [500, (names: string) => `No such policy rule: ${names}`],
  PolicyBroken: [500, (why: string) => `The policy is not usable: ${why}`],
  PolicySyntax: [500, (expression: string, why: string) => `In the policy expression "${expression}": ${why}`],
  ConfigInvalid: [500, (why: string) => why],
  KeystoneUnavailable: [503, (why: string) => `The identity service cannot be reached: ${why}`],
});
