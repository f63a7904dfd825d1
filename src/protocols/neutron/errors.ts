import { defineErrors } from '#kernel/errors';

/** What can go wrong with a Neutron that is not ours. */
export const neutronErrors = defineErrors({
  NeutronUnreachable: [503, (why: string) => `The network service cannot be reached: ${why}`],
  NeutronAnswer: [502, (why: string) => `The network service gave an answer that makes no sense: ${why}`],
  NeutronRefused: [
    502,
    (what: string, status: number, why: string) => `The network service refuses ${what} (${status}): ${why}`,
  ],
});
