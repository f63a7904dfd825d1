import type { Reader } from '#store/contract';
import type { ServerPins } from '#contracts/console';

export type LineState = 'connecting' | 'recording' | 'interrupted' | 'stopped';

/** Where recordings of a node lie, and how it goes there. */
export interface LineRow {
  host: string;
  recording: boolean;
  state: LineState;
  detail: string | null;
  changedAt: Date;
}

/** Says how it goes with lines of this host: it has them now, so no other has. */
export async function writeLines(
  reader: Reader,
  host: string,
  lines: readonly { uuid: string; recording: boolean; state: LineState; detail: string | null }[],
): Promise<void> {
  await reader.query({
    name: 'console.write-lines',
    text: `with t as (
        select * from unnest($2::uuid[], $3::boolean[], $4::text[], $5::text[]) as t(node, recording, state, detail)
      ), others as (
        update console_lines l set recording = false, state = 'stopped', detail = 'another conductor has it', changed_at = now()
        from t where l.node_uuid = t.node and l.host <> $1 and l.recording and t.recording
      )
      insert into console_lines (node_uuid, host, recording, state, detail, changed_at)
      select t.node, $1, t.recording, t.state, t.detail, now() from t join nodes n on n.uuid = t.node
      on conflict (node_uuid, host) do update
        set recording = excluded.recording, state = excluded.state, detail = excluded.detail, changed_at = now()`,
    values: [
      host,
      lines.map(({ uuid }) => uuid),
      lines.map(({ recording }) => recording),
      lines.map(({ state }) => state),
      lines.map(({ detail }) => detail),
    ],
  });
}

/** All hosts that have recordings of a node, the one that records first. */
export async function linesOf(reader: Reader, uuid: string): Promise<LineRow[]> {
  const rows = await reader.query<{
    host: string;
    recording: boolean;
    state: LineState;
    detail: string | null;
    changed_at: string;
  }>({
    name: 'console.lines',
    text: `select host, recording, state, detail, changed_at::text from console_lines where node_uuid = $1
      order by recording desc, changed_at desc`,
    values: [uuid],
  });
  return rows.map(({ changed_at, ...row }) => ({ ...row, changedAt: new Date(changed_at) }));
}

/** Of these nodes, those that are gone. */
export async function goneNodes(reader: Reader, uuids: readonly string[]): Promise<string[]> {
  const rows = await reader.query<{ uuid: string }>({
    text: `select t.uuid::text as uuid from unnest($1::uuid[]) as t(uuid)
      where not exists (select from nodes n where n.uuid = t.uuid)`,
    values: [uuids],
  });
  return rows.map(({ uuid }) => uuid);
}

/** Host keys seen, of one node. */
export function pinsOf(reader: Reader, uuid: string): ServerPins {
  return {
    async known(endpoint) {
      const rows = await reader.query<{ fingerprint: string }>({
        text: 'select fingerprint from console_pins where node_uuid = $1 and endpoint = $2',
        values: [uuid, endpoint],
      });
      return rows[0]?.fingerprint ?? null;
    },
    async remember(endpoint, fingerprint) {
      // The first one seen stays, whoever was first.
      await reader.query({
        text: `insert into console_pins (node_uuid, endpoint, fingerprint) values ($1, $2, $3) on conflict do nothing`,
        values: [uuid, endpoint, fingerprint],
      });
    },
  };
}
