import type { Call, Held, NewColumns, Wish } from '../../model/resource.ts';
import { checkSegment } from '../../model/segments.ts';
import type { SegmentType } from '../../model/truth.ts';
import { refusals } from '../../refusals.ts';
import { addSegment } from '../networks/segments.ts';

/** Gives networks more segments. Throws `NetworkNotFound`, and what a segment that cannot be throws. */
export async function createSegments(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx, room } = call;
  for (const [at, wish] of wishes.entries()) {
    const network = String(wish['network_id']);
    const text = `select coalesce((select max(g.segment_index) from net_segments g where g.network_id = n.id), -1) as last
                    from net_networks n where n.id = $1 for no key update of n`;
    const [row] = await tx.query<{ last: number }>({ name: 'segment place', text, values: [network] });
    if (row === undefined) throw refusals.NetworkNotFound(network);
    const segment = checkSegment(
      {
        type: wish['network_type'] as SegmentType,
        physicalNetwork: (wish['physical_network'] ?? null) as string | null,
        number: (wish['segmentation_id'] ?? null) as number | null,
      },
      room.config,
    );
    const more = { name: textOf(wish['name']), description: textOf(wish['description']) };
    const { id } = await addSegment(call, network, segment, row.last + 1, more);
    // The frame reads it back by the id it chose.
    const values = [id, (columns[at] as NewColumns).id];
    await tx.query({ name: 'segment named', text: 'update net_segments set id = $2 where id = $1', values });
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Deletes a segment. Throws `SegmentInUse` while a subnet or a port is on it, or when it is the network's last. */
export async function deleteSegment({ tx }: Call, { id }: Held): Promise<void> {
  const text = `
    select (select 'subnet ' || s.id || ' is on it' from net_subnets s where s.segment_id = g.id limit 1) as subnet,
           (select 'port ' || p.id || ' is bound to it' from net_ports p where p.bound_segment_id = g.id limit 1) as port,
           (select 'it is the last one of network ' || g.network_id where not exists (
              select from net_segments o where o.network_id = g.network_id and o.id <> g.id and not o.dynamic)) as last
      from net_segments g where g.id = $1`;
  const [row] = await tx.query<{ subnet: string | null; port: string | null; last: string | null }>({
    name: 'segment in use',
    text,
    values: [id],
  });
  const why = row?.subnet ?? row?.port ?? row?.last;
  if (why !== undefined && why !== null) throw refusals.SegmentInUse(id, why);
  await tx.query({ name: 'segment deleted', text: 'delete from net_segments where id = $1', values: [id] });
}
