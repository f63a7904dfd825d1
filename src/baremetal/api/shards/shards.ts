import { Type } from 'typebox';
import type { Handler, Route } from '#http/contract';
import type { BaremetalDeps } from '../../model/deps.ts';
import { textRows } from '../../store/text-rows.ts';

/** Shards are a label on nodes; this counts them. */
export const shardRoutes = [
  {
    id: 'shard.list',
    method: 'GET',
    path: '/v1/shards',
    since: 82,
    policy: 'baremetal:shards:get',
    summary: 'List shards and how many nodes each has',
    success: 200,
    response: Type.Object({ shards: Type.Array(Type.Object({ name: Type.String(), count: Type.Integer() })) }),
  },
] as const satisfies readonly Route[];

export function shardHandlers(deps: BaremetalDeps): Record<string, Handler> {
  return {
    'shard.list': async () => {
      // Counted from the index alone. Nodes in no shard are shown as `None`, as Ironic does.
      const rows = await textRows(deps.store, {
        name: 'bm_shards',
        text: 'select shard, count(*) from nodes group by shard order by count(*) desc, shard',
        values: [],
      });
      return { body: { shards: rows.map((row) => ({ name: row[0] ?? 'None', count: Number(row[1]) })) } };
    },
  };
}
