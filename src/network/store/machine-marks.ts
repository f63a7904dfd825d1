import type { Reader } from '#store/contract';

// Machines whose switch ports may have to carry something else: marked by triggers in the transaction of the change, see
// the migrations, and taken out by the reconciler once the switches were asked.

/** Its switch ports are to be looked at. */
export async function markMachine(reader: Reader, machine: string): Promise<void> {
  const text = 'insert into net_machine_dirty (machine_id) values ($1)';
  await reader.query({ name: 'network mark machine', text, values: [machine] });
}

/**
 * Marks the machines whose filters hold addresses that changed: rules of their groups name the group, or a group of the
 * port, or the list. Taking the marks out and marking machines is one statement, so that no crash comes between.
 */
export async function markRemotes(reader: Reader): Promise<void> {
  await reader.query({
    name: 'network marked remotes',
    text: `with taken as (
             delete from net_remote_dirty where seq in (select seq from net_remote_dirty order by seq limit 10000)
             returning unit, id),
           remotes as materialized (
             select id from taken where unit = 'security_group'
             union select g.group_id from taken t join net_port_security_groups g on g.port_id = t.id where t.unit = 'port'),
           naming as materialized (
             select r.group_id from remotes o join net_security_group_rules r on r.remote_group_id = o.id
             union select r.group_id from taken t join net_security_group_rules r on r.remote_address_group_id = t.id
              where t.unit = 'address_group')
           insert into net_machine_dirty (machine_id)
             select distinct m.machine_id from naming n join net_port_security_groups g on g.group_id = n.group_id
               join net_machine_ports m on m.port_id = g.port_id`,
  });
}

/** Machines that triggers marked, oldest first, with the marks to take out afterwards. */
export async function markedMachines(reader: Reader): Promise<{ machine: string; seqs: bigint[] }[]> {
  return reader.query({
    name: 'network marked machines',
    text: `with gone as (
             delete from net_machine_dirty d where not exists (select from net_machines m where m.id = d.machine_id)
             returning d.seq)
           select machine_id::text as machine, array_agg(seq) as seqs from net_machine_dirty
            where seq not in (select seq from gone) group by machine_id order by min(seq) limit 500`,
  });
}

export async function dropMachineMarks(reader: Reader, seqs: readonly bigint[]): Promise<void> {
  const text = 'delete from net_machine_dirty where seq = any($1::bigint[])';
  await reader.query({ name: 'network marked machines done', text, values: [seqs] });
}
