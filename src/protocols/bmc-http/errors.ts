import { defineErrors } from '#kernel/errors';

/** Errors of talking HTTP to a BMC. `call` is the method and path. */
export const errors = defineErrors({
  BmcUnreachable: [503, (call: string, origin: string, why: string) => `${call}: ${origin} cannot be reached: ${why}`],
  BmcTimeout: [504, (call: string, origin: string, ms: number) => `${call}: ${origin} did not answer within ${ms} ms`],
  BmcBroken: [503, (call: string, origin: string, why: string) => `${call}: the answer of ${origin} was lost: ${why}`],
  BmcResting: [
    503,
    (call: string, origin: string) =>
      `${call}: not sent, ${origin} did not answer lately and is left alone for a while`,
  ],
  BmcNotTrusted: [502, (origin: string, why: string) => `The certificate of ${origin} is not trusted: ${why}`],
  BmcLoginRefused: [502, (origin: string) => `${origin} refused the user name or password`],
  BmcForeignLink: [
    502,
    (link: string, origin: string) => `The link ${link} leads away from ${origin}; it is not followed`,
  ],
  BmcBadAnswer: [502, (call: string, why: string) => `${call}: the BMC's answer cannot be used: ${why}`],
  BmcTooLarge: [502, (call: string, what: string) => `${call}: the BMC's answer is too large: ${what}`],
});
