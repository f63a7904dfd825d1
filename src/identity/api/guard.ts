import type { KnownCaller } from '#contracts/identity';
import type { PolicyTarget, RequestContext } from '#http/contract';
import { errors } from '../errors.ts';

/** Throws `Forbidden` when the caller may not do `rule` to `target`. */
export function demand(context: RequestContext, rule: string, target?: PolicyTarget): void {
  if (!context.allows(rule, target)) throw errors.Forbidden(rule);
}

/**
 * What was read, when the caller may do `rule` to it. When there is nothing, who could not have been allowed
 * gets 403 like for something forbidden, so that ids cannot be probed; the others get 404.
 */
export function demandFound<T>(
  context: RequestContext,
  rule: string,
  what: string,
  id: string,
  found: T | undefined,
  target: (found: T) => PolicyTarget,
): T {
  demand(context, rule, found === undefined ? undefined : target(found));
  if (found === undefined) throw errors.NotFound(what, id);
  return found;
}

/** The caller, as this room made it. */
export function callerOf(context: RequestContext): KnownCaller {
  const caller = context.caller as KnownCaller;
  if (caller.userId === null || caller.token === undefined) throw errors.Unauthorized();
  return caller;
}

/** The id of a caller who is logged in. */
export function userIdOf(context: RequestContext): string {
  const { userId } = context.caller;
  if (userId === null) throw errors.Unauthorized();
  return userId;
}
