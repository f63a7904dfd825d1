import type { Reader } from '#store/contract';
import type { Tenancy } from '../model/tenancy.ts';

/** The tenancies that nodes have now, and how old those are by the database's clock; nodes without one are left out. */
export async function openTenancies(
  reader: Reader,
  uuids: readonly string[],
): Promise<Map<string, { id: number; ageMs: number }>> {
  const rows = await reader.query<{ node_uuid: string; id: string; age: number }>({
    name: 'console.open-tenancies',
    text: `select node_uuid, id::text, (extract(epoch from clock_timestamp() - began_at) * 1000)::float8 as age
      from console_tenancies where node_uuid = any ($1::uuid[]) and ended_at is null`,
    values: [uuids],
  });
  return new Map(rows.map((row) => [row.node_uuid, { id: Number(row.id), ageMs: row.age }]));
}

/** All tenancies a node had, the newest first, and which of them is open. */
export async function tenanciesOf(reader: Reader, uuid: string): Promise<(Tenancy & { open: boolean })[]> {
  return (
    await reader.query<{
      id: string;
      owner: string | null;
      lessee: string | null;
      instance_uuid: string | null;
      open: boolean;
    }>({
      name: 'console.tenancies',
      text: `select id::text, owner, lessee, instance_uuid, ended_at is null as open
        from console_tenancies where node_uuid = $1 order by id desc limit 1000`,
      values: [uuid],
    })
  ).map((row) => ({
    id: Number(row.id),
    owner: row.owner,
    lessee: row.lessee,
    instance: row.instance_uuid,
    open: row.open,
  }));
}
