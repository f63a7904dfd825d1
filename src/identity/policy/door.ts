import { Type } from 'typebox';
import type { Policy, TargetReader } from '#contracts/policy';
import type { Door, Handlers, PolicyTarget, RequestContext, Route } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import { errors } from '../errors.ts';
import type { Subject } from './facts.ts';

/** Finds out who a user would be in a scope. Present when identity is our own. */
export type SubjectReader = (asked: {
  userId: string;
  projectId: string | null;
  domainId: string | null;
  system: boolean;
}) => Promise<Subject | null>;

const Word = Type.String({ minLength: 1, maxLength: 255 });

export const policyRoutes = [
  {
    id: 'policy.list',
    method: 'GET',
    path: '/rules',
    since: 0,
    policy: 'policy:list',
    summary: 'List the rules in force',
    success: 200,
  },
  {
    id: 'policy.explain',
    method: 'GET',
    path: '/explain',
    since: 0,
    policy: 'policy:explain',
    guard: 'handler',
    summary: 'Why something is allowed, or not',
    description:
      'Decides a rule for the caller, or for another user in a scope, on a resource read from the database, and says what was looked at.',
    query: Type.Object(
      {
        rule: Word,
        target_type: Type.Optional(Word),
        target: Type.Optional(Word),
        user: Type.Optional(Word),
        project: Type.Optional(Word),
        domain: Type.Optional(Word),
        system: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
    success: 200,
  },
] as const satisfies readonly Route[];

/** The door of policy, at `/policy`. */
export function policyDoor(
  policy: Policy,
  targets: Readonly<Record<string, TargetReader>>,
  subjectOf: SubjectReader | null,
): Door {
  const handlers: Handlers<typeof policyRoutes> = {
    'policy.list': () => ({ body: { rules: policy.rules() } }),
    'policy.explain': async (context, input) => {
      const text = (name: string) => (input.query[name] as string | undefined) ?? null;
      const [user, project, domain] = [text('user'), text('project'), text('domain')];
      const system = input.query['system'] === true;
      if (!context.allows('policy:explain')) throw errors.Forbidden('policy:explain');
      let caller: Subject = context.caller;
      // What one may not see must not be told by the words of an explanation either.
      const target = await readTarget(context, text('target_type'), text('target'));
      const rule = text('rule') ?? '';
      const others = user !== null || project !== null || domain !== null || system;
      if (others && !context.allows('policy:explain_others')) throw errors.Forbidden('policy:explain_others');
      if (others) {
        if (subjectOf === null) throw errors.NotImplemented('Explaining for another user');
        if ([project !== null, domain !== null, system].filter(Boolean).length > 1) {
          throw errors.Invalid('A scope is one of project, domain and system.');
        }
        const found = await subjectOf({
          userId: user ?? context.caller.userId ?? '',
          projectId: project,
          domainId: domain,
          system,
        });
        if (found === null) throw errors.NotFound('user with a role there', user ?? context.caller.userId ?? '');
        caller = found;
      }
      return {
        body: {
          ...policy.explain(rule, caller, target ?? undefined),
          caller: {
            user_id: caller.userId,
            project_id: caller.projectId,
            domain_id: caller.domainId,
            system: caller.system,
            roles: [...caller.roles].sort(),
          },
          target,
        },
      };
    },
  };
  async function readTarget(
    context: RequestContext,
    type: string | null,
    id: string | null,
  ): Promise<PolicyTarget | null> {
    if (type === null && id === null) return null;
    const reader = type !== null && Object.hasOwn(targets, type) ? targets[type] : undefined;
    if (reader === undefined || id === null) {
      throw errors.Invalid(
        `target_type must be one of ${Object.keys(targets).sort().join(', ') || 'none'}, with target.`,
      );
    }
    const found = await reader.read(id);
    if (found === null || !context.allows(reader.seenBy, found)) throw errors.NotFound(type ?? 'target', id);
    return found;
  }
  return {
    name: 'policy',
    title: 'Policy',
    prefix: '/policy',
    routes: policyRoutes,
    handlers,
    errorBody: (error) => keystoneErrorBody(error),
  };
}
