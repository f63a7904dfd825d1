import type { Store } from '#store/contract';
import { gather } from '#store/gather';
import type { LeaseTimes } from './conductor.ts';
import type { EnqueueOptions, Json, Work, Workflow } from './contract.ts';
import { errors } from './errors.ts';
import type { OwnLease } from './lease.ts';
import type { Limits } from './limits.ts';
import type { Registry } from './registry.ts';
import type { Roster } from './roster.ts';
import { readConductors, readStatus } from './status.ts';
import { checkSize } from './step.ts';

interface DoorParts {
  store: Store;
  registry: Registry;
  roster: Roster;
  limits: Limits;
  times: LeaseTimes;
  lease(): OwnLease;
}

// Nothing is kept for a workflow that has ended, or never was: agents call long after.
const SIGNAL = `
insert into work_messages (workflow_id, topic, body) select $1, $2, $3
where exists (select 1 from dbos.workflow_status where workflow_uuid = $1 and status in ('PENDING', 'ENQUEUED'))
  or exists (select 1 from work_queue where id = $1)
returning 1`;

const SIGNAL_MANY = `
with told as (
  insert into work_messages (workflow_id, topic, body)
  select t.id, t.topic, t.body::json from unnest($1::text[], $2::text[], $3::text[]) as t(id, topic, body)
  where exists (select 1 from dbos.workflow_status s where s.workflow_uuid = t.id and s.status in ('PENDING', 'ENQUEUED'))
    or exists (select 1 from work_queue q where q.id = t.id)
  returning workflow_id
)
select distinct workflow_id as id from told`;

interface Message {
  id: string;
  topic: string;
  body: string;
}

const ENQUEUE = (first: number) =>
  `work_enqueue(${['text', 'text', 'text', 'text', 'json'].map((type, i) => `$${first + i}::${type}`).join(', ')})`;

/** What every process may do with work, whether it runs any or not. */
export function makeDoor(parts: DoorParts): Omit<Work, 'register'> {
  const { store, registry, roster } = parts;
  const enqueueValues = <I extends Json>(workflow: Workflow<I>, input: I, { id, group }: EnqueueOptions): unknown[] => {
    const versions = registry.versions(workflow.name);
    if (versions.length === 0) throw errors.WorkNotRegistered(workflow.name);
    const version = roster.newestKnown(group, workflow.name, versions);
    const limit = registry.get(workflow.name, version)?.limit ?? null;
    checkSize(`The input of workflow ${id}`, input);
    return [id, `${workflow.name}@${version}`, group, limit, JSON.stringify(input)];
  };
  const tell = gather<Message, boolean>(
    async (messages) => {
      const rows = await store.query<{ id: string }>({
        name: 'work.signal_many',
        text: SIGNAL_MANY,
        values: [messages.map(({ id }) => id), messages.map(({ topic }) => topic), messages.map(({ body }) => body)],
      });
      const told = new Set(rows.map((row) => row.id));
      if (told.size > 0) store.changes.announce('work.message', ...told);
      return messages.map(({ id }) => told.has(id));
    },
    { apart: true },
  );
  return {
    async enqueue(tx, workflow, input, { id, group }) {
      const values = enqueueValues(workflow, input, { id, group });
      const rows = await tx.query<{ done: string }>({
        name: 'work.enqueue',
        text: `select ${ENQUEUE(1)} as done`,
        values,
      });
      if (rows[0]?.done === 'started') tx.changed('work.queue', group);
      if (rows[0]?.done === 'queued') tx.afterCommit(parts.limits.sweepSoon);
    },
    enqueueCall: (workflow, input, options, first) => ({
      sql: ENQUEUE(first),
      values: enqueueValues(workflow, input, options),
      committed(gave) {
        if (gave === 'started') store.changes.announce('work.queue', options.group);
        if (gave === 'queued') parts.limits.sweepSoon();
      },
    }),
    async signal(tx, id, topic, message) {
      checkSize(`A message to workflow ${id}`, message);
      const rows = await tx.query({ name: 'work.signal', text: SIGNAL, values: [id, topic, JSON.stringify(message)] });
      if (rows.length === 0) return false;
      tx.changed('work.message', id);
      return true;
    },
    async signalNow(id, topic, message) {
      checkSize(`A message to workflow ${id}`, message);
      return await tell({ id, topic, body: JSON.stringify(message) });
    },
    async abort(tx, id, reason) {
      const rows = await tx.query<{ done: boolean }>({
        name: 'work.abort',
        text: 'select work_abort($1, $2) as done',
        values: [id, reason],
      });
      if (rows[0]?.done !== true) return false;
      tx.changed('work.abort', id);
      tx.changed('work.queue', '*');
      return true;
    },
    status: (id) => readStatus(store, id, roster.live),
    conductors: () => readConductors(store, parts.times.leaseMs),
    liveHosts: (group) => [...new Set(roster.live(group).map((conductor) => conductor.host))],
    owns: (group, key) => {
      const lease = parts.lease();
      return lease.held && roster.ownerOf(group, key)?.incarnation === lease.incarnation;
    },
  };
}
