import type { Handler } from '#http/contract';
import type { Call, Held, Resource } from '../model/resource.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { updateRow } from '../store/rows.ts';
import { hold, openCall } from './request.ts';

/** The handlers of a resource's tags. */
export function tagHandlers(room: NetworkRoom, resource: Resource): Record<string, Handler> {
  const { name, collection, table } = resource;
  const tagged =
    (
      rule: 'get' | 'update' | 'delete',
      run: (call: Call, row: Held, tags: string[], input: { body: unknown; tag: string }) => Promise<unknown>,
    ): Handler =>
    (context, { params, body }) =>
      room.store.tx(async (tx) => {
        const call = openCall(room, context, tx);
        const row = await hold(call, resource, params, { hold: rule !== 'get' });
        call.demand(`${rule}_${collection}_tags`, row.facts);
        const rows = await tx.query<{ tags: string[] }>({
          name: `network tags ${table}`,
          text: `select tags from ${table} where id = $1`,
          values: [row.id],
        });
        const answer = await run(call, row, rows[0]?.tags ?? [], { body, tag: params['tag'] ?? '' });
        return answer === undefined ? {} : { body: answer };
      });
  const write = async (call: Call, row: Held, tags: readonly string[]) => {
    await updateRow(call.tx, resource, row.id, { tags: [...new Set(tags)].sort() });
  };
  return {
    [`${name}.tags`]: tagged('get', async (_call, _row, tags) => ({ tags })),
    [`${name}.tags_replace`]: tagged('update', async (call, row, _tags, { body }) => {
      const { tags } = body as { tags: string[] };
      await write(call, row, tags);
      return { tags: [...tags].sort() };
    }),
    [`${name}.tags_clear`]: tagged('delete', (call, row) => write(call, row, [])),
    [`${name}.tag`]: tagged('get', async (_call, _row, tags, { tag }) => {
      if (!tags.includes(tag)) throw refusals.TagNotFound(tag);
    }),
    [`${name}.tag_add`]: tagged('update', async (call, row, tags, { tag }) => {
      if (!tags.includes(tag)) await write(call, row, [...tags, tag]);
    }),
    [`${name}.tag_remove`]: tagged('delete', async (call, row, tags, { tag }) => {
      if (!tags.includes(tag)) throw refusals.TagNotFound(tag);
      await write(
        call,
        row,
        tags.filter((one) => one !== tag),
      );
    }),
  };
}
