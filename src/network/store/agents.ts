import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import type { Chassis } from '../model/truth.ts';

/** Is an agent alive, as SQL? OVN is asked about its own hosts; of the others we hear every half a minute. */
export const ALIVE = `(case when t.program = 'ovn-controller' then t.alive else t.heartbeat_at > now() - interval '75 seconds' end)`;

/** Zones that hosts are in; alive while one of their hosts is. */
export async function readZones(reader: Reader): Promise<{ name: string; alive: boolean }[]> {
  const text = `select availability_zone as name, bool_or(${ALIVE}) as alive from net_agents t
                 where availability_zone is not null group by availability_zone order by availability_zone`;
  return reader.query({ name: 'network zones listed', text });
}

/** Says that a conductor is there. */
export async function beatConductor(reader: Reader, host: string, configurations: object): Promise<void> {
  const text = `
    insert into net_agents (id, agent_type, program, host, configurations)
    values ($1, 'Baremetal Node', 'ingot', $2, $3::json)
    on conflict (agent_type, host) do update set configurations = excluded.configurations, heartbeat_at = clock_timestamp()`;
  await reader.query({ name: 'network conductor', text, values: [newUuid(), host, JSON.stringify(configurations)] });
}

/** Writes the hosts OVN knows into the list of agents; those it does not know any more are not alive. */
export async function writeAgents(reader: Reader, chassis: readonly Chassis[]): Promise<void> {
  const text = `
    with seen as (
      insert into net_agents (id, agent_type, program, host, availability_zone, alive, configurations)
      select u.id, case when u.gateway then 'OVN Controller Gateway agent' else 'OVN Controller agent' end,
             'ovn-controller', u.host, u.zone, u.alive, u.configurations::json
        from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[])
             as u(id, host, zone, gateway, alive, configurations)
      on conflict (agent_type, host) do update
         set alive = excluded.alive, availability_zone = excluded.availability_zone,
             configurations = excluded.configurations, heartbeat_at = clock_timestamp()
      returning agent_type, host)
    update net_agents a set alive = false
     where a.program = 'ovn-controller' and a.alive and not exists (select from seen s where s.host = a.host and s.agent_type = a.agent_type)`;
  const configurations = chassis.map(({ physicalNetworks, name }) =>
    JSON.stringify({ chassis_name: name, 'bridge-mappings': physicalNetworks }),
  );
  const values = [
    chassis.map(() => newUuid()),
    chassis.map(({ hostname }) => hostname),
    chassis.map(({ zones }) => zones[0] ?? null),
    chassis.map(({ gateway }) => gateway),
    chassis.map(({ alive }) => alive),
    configurations,
  ];
  await reader.query({ name: 'network agents', text, values });
}
