import { Type } from 'typebox';
import type { Door, Handlers, Route } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import type { Store } from '#store/contract';
import type { AuditChain } from './chain.ts';

const MAX_PAGE = 1_000;

export const auditRoutes = [
  {
    id: 'audit.list',
    method: 'GET',
    path: '/events',
    since: 0,
    policy: 'audit:list',
    summary: 'List audit records, newest first',
    query: Type.Object(
      {
        initiator: Type.Optional(Type.String()),
        project: Type.Optional(Type.String()),
        target: Type.Optional(Type.String()),
        action: Type.Optional(Type.String()),
        outcome: Type.Optional(Type.Union([Type.Literal('success'), Type.Literal('failure')])),
        since: Type.Optional(Type.String({ format: 'date-time' })),
        until: Type.Optional(Type.String({ format: 'date-time' })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
        marker: Type.Optional(Type.Integer({ minimum: 1 })),
      },
      { additionalProperties: false },
    ),
    success: 200,
  },
  {
    id: 'audit.verify',
    method: 'GET',
    path: '/verify',
    since: 0,
    policy: 'audit:verify',
    summary: 'Check the chain of audit records',
    success: 200,
    timeoutMs: 600_000,
  },
] as const satisfies readonly Route[];

const FILTERS: Record<string, string> = {
  initiator: 'initiator = ',
  project: 'project = ',
  target: 'target = ',
  action: 'action = ',
  outcome: 'outcome = ',
  since: 'at >= ',
  until: 'at < ',
  marker: 'id < ',
};

/** The door of the audit records, at `/audit`. */
export function auditDoor(store: Store, chain: AuditChain): Door {
  const handlers: Handlers<typeof auditRoutes> = {
    'audit.list': async (context, input) => {
      const values: unknown[] = [];
      const where: string[] = [];
      for (const [name, condition] of Object.entries(FILTERS)) {
        if (input.query[name] === undefined) continue;
        values.push(input.query[name]);
        where.push(`${condition}$${values.length}`);
      }
      const limit = Number(input.query['limit'] ?? 100);
      values.push(limit);
      const rows = await store.query<{ id: bigint; record: string }>({
        text: `select id, record from audit_records ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
               order by id desc limit $${values.length}`,
        values,
      });
      const last = rows.at(-1);
      let next = 'null';
      if (rows.length === limit && last !== undefined) {
        const query = new URLSearchParams(
          Object.entries(input.query).map(([k, v]): [string, string] => [k, String(v)]),
        );
        query.set('marker', String(last.id));
        next = JSON.stringify(`${context.baseUrl}/audit/events?${query.toString()}`);
      }
      return { json: `{"events":[${rows.map((row) => row.record).join(',')}],"links":{"next":${next}}}` };
    },
    'audit.verify': async () => ({ body: await chain.verify() }),
  };
  return {
    name: 'audit',
    title: 'Audit',
    prefix: '/audit',
    routes: auditRoutes,
    handlers,
    errorBody: (error) => keystoneErrorBody(error),
  };
}
