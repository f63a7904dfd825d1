import type { ChangeStory, EventSource } from '#http/event-hub';
import type { Store } from '#store/contract';

/** What a node's event says: what everybody who may see the node may know. */
interface NodeEventRow {
  uuid: string;
  name: string | null;
  provision_state: string;
  target_provision_state: string | null;
  power_state: string | null;
  target_power_state: string | null;
  maintenance: boolean;
  instance_uuid: string | null;
  owner: string | null;
  lessee: string | null;
}

const READ = {
  name: 'app.node-events',
  text: `select uuid, name, provision_state, target_provision_state, power_state, target_power_state, maintenance,
    instance_uuid, owner, lessee from nodes where uuid = any($1::uuid[])`,
};

/** Topics of the store's feed that are about nodes; to clients all of them are `nodes`. */
const TOPICS = new Set(['node', 'nodes']);

/** The source of `/events`: the store's change feed, as far as it is about nodes, with the rows read anew. */
export function nodeEvents(store: Store): EventSource {
  return {
    subscribe: (_topic, fn) =>
      store.changes.subscribe('*', ({ topic, id }) => {
        if (TOPICS.has(topic)) fn({ topic: 'nodes', id });
      }),
    async describe(changes) {
      const ids = changes.map(({ id }) => id);
      const rows = await store.query<NodeEventRow>({ ...READ, values: [ids] });
      const found = new Map(rows.map((row) => [row.uuid, row]));
      return ids.map((id) => storyOf(id, found.get(id)));
    },
  };
}

/** A deleted node's owner is not known any more: only those who may see every node are told. */
function storyOf(id: string, row: NodeEventRow | undefined): ChangeStory {
  const { owner = null, lessee = null, ...data } = row ?? { deleted: true };
  return { topic: 'nodes', id, data, rule: 'baremetal:node:get', target: { owner, lessee } };
}
