import type { Policy } from '#contracts/policy';
import type { Authoriser } from '#http/contract';
import type { Authenticator } from './authenticators/contract.ts';

/** Joins who calls and what is allowed into what the HTTP room asks for. */
export function createAuthoriser(authenticator: Authenticator, policy: Policy): Authoriser {
  return {
    authenticate: (headers, source, request) => authenticator.authenticate(headers, source, request),
    allows: (rule, caller, target) => policy.allows(rule, caller, target),
    ...(authenticator.challenge === undefined ? {} : { challenge: authenticator.challenge }),
  };
}
