import { Type } from 'typebox';
import type { Handler, Route } from '#http/contract';
import { changeRunbookTraits, listRunbookTraits } from '../../app/runbook-traits.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { accessOf } from '../access.ts';

const all = Type.Object({ runbook_ident: Type.String({ description: 'UUID or name.' }) });
const one = Type.Object({ ...all.properties, trait: Type.String({ maxLength: 255 }) });
const traits = Type.Object({ traits: Type.Array(Type.String()) }, { additionalProperties: false });
const shared = { since: 112, guard: 'handler' } as const;
const path = '/v1/runbooks/:runbook_ident/traits';

/** Traits of runbooks: nodes that share one may use it. */
export const runbookTraitRoutes = [
  {
    ...shared,
    id: 'runbook.traits',
    method: 'GET',
    path,
    policy: 'baremetal:runbook:get',
    summary: 'List traits of a runbook',
    params: all,
    success: 200,
    response: traits,
  },
  {
    ...shared,
    id: 'runbook.traits-set',
    method: 'PUT',
    path,
    policy: 'baremetal:runbook:update',
    summary: 'Replace the traits of a runbook',
    params: all,
    body: traits,
    success: 204,
  },
  {
    ...shared,
    id: 'runbook.traits-clear',
    method: 'DELETE',
    path,
    policy: 'baremetal:runbook:update',
    summary: 'Remove all traits of a runbook',
    params: all,
    success: 204,
  },
  {
    ...shared,
    id: 'runbook.trait-add',
    method: 'PUT',
    path: `${path}/:trait`,
    policy: 'baremetal:runbook:update',
    summary: 'Add a trait to a runbook',
    params: one,
    bodyOptional: true,
    success: 204,
  },
  {
    ...shared,
    id: 'runbook.trait-remove',
    method: 'DELETE',
    path: `${path}/:trait`,
    policy: 'baremetal:runbook:update',
    summary: 'Remove a trait of a runbook',
    params: one,
    success: 204,
  },
] as const satisfies readonly Route[];

export function runbookTraitHandlers(deps: BaremetalDeps): Record<string, Handler> {
  const change =
    (read: (params: Record<string, string>, body: unknown) => Parameters<typeof changeRunbookTraits>[3]): Handler =>
    async (context, { params, body }) => {
      await changeRunbookTraits(deps, accessOf(context), params['runbook_ident'] as string, read(params, body));
      return {};
    };
  return {
    'runbook.traits': async (context, { params }) => ({
      body: { traits: await listRunbookTraits(deps, accessOf(context), params['runbook_ident'] as string) },
    }),
    'runbook.traits-set': change((_params, body) => ({ set: (body as { traits: string[] }).traits })),
    'runbook.traits-clear': change(() => ({ clear: true })),
    'runbook.trait-add': change((params) => ({ add: params['trait'] as string })),
    'runbook.trait-remove': change((params) => ({ remove: params['trait'] as string })),
  };
}
