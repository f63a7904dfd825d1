import type { RequestContext } from '#http/contract';
import type { Access } from '../model/access.ts';

/** The caller of a request, as verbs see one. */
export function accessOf(context: RequestContext): Access {
  const { caller, requestId } = context;
  return {
    actor: { requestId, userId: caller.userId, projectId: caller.projectId },
    projectId: caller.system ? null : caller.projectId,
    system: caller.system,
    allows: (rule, target) => context.allows(rule, target === undefined ? undefined : { ...target }),
  };
}
