import type { CableEnd } from '#contracts/network';
import type { Reader } from '#store/contract';

// Machines of a bare metal service that is not ours: it binds ports through the API, and has no fence.

/** Makes the machine's row. False: it is one of our own bare metal service, which moves it itself. */
export async function takeOutside(reader: Reader, machine: string): Promise<boolean> {
  const rows = await reader.query<{ outside: boolean }>({
    name: 'network outside machine',
    text: `with made as (insert into net_machines (id, fence) values ($1, 0) on conflict (id) do nothing returning fence)
           select fence = 0 as outside from made union all select fence = 0 from net_machines where id = $1 limit 1`,
    values: [machine],
  });
  return rows[0]?.outside === true;
}

/** Lets other outside machines go of these switch ports where nothing of theirs is bound by them: the cable was moved. */
export async function freeOutsideLinks(reader: Reader, machine: string, links: readonly CableEnd[]): Promise<void> {
  for (const { switchId, portId } of links) {
    await reader.query({
      name: 'network outside link moved',
      text: `delete from net_machine_links l using net_machines m
             where l.switch_id = $2 and l.port_id = $3 and l.machine_id <> $1 and m.id = l.machine_id and m.fence = 0
               and not exists (select from net_machine_ports p, json_array_elements(p.links) e
                                where p.machine_id = l.machine_id
                                  and e ->> 'switchId' = l.switch_id and e ->> 'portId' = l.port_id)`,
      values: [machine, switchId, portId],
    });
  }
}

/** Takes the port from its machine, where that is an outside one; gives the machine. */
export async function unplugOutside(reader: Reader, port: string): Promise<string | undefined> {
  const [row] = await reader.query<{ machine: string }>({
    name: 'network outside unplug',
    text: `delete from net_machine_ports p using net_machines m
           where p.port_id = $1 and m.id = p.machine_id and m.fence = 0 returning p.machine_id::text as machine`,
    values: [port],
  });
  return row?.machine;
}

/** What could not be plugged in is not bound: as Neutron says it. */
export async function failOutside(reader: Reader, port: string): Promise<void> {
  await reader.query({
    name: 'network outside failed',
    text: `update net_ports set vif_type = 'binding_failed', vif_details = '{}', bound_segment_id = null, status = 'DOWN',
             revision = revision + 1, updated_at = clock_timestamp() where id = $1`,
    values: [port],
  });
}
