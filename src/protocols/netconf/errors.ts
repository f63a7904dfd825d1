import { defineErrors } from '#kernel/errors';

/** What can go wrong between us and a NETCONF server. */
export const errors = defineErrors({
  NetconfClosed: [502, (where: string, why: string) => `the NETCONF session with ${where} ended: ${why}`],
  NetconfSilent: [504, (where: string, what: string, ms: number) => `${where} did not answer ${what} in ${ms} ms`],
  NetconfGarbage: [502, (where: string, why: string) => `${where} sent what is not NETCONF: ${why}`],
  /** `details.tag` is the protocol's word: `lock-denied`, `invalid-value`, … */
  NetconfRefused: [502, (where: string, what: string, why: string) => `${where} refused ${what}: ${why}`],
});
