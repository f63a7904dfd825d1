import { newUuid } from '#kernel/ids';
import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { announceChange } from '../ovn/index.ts';

/** A network of ours on which machines boot. */
export interface ServiceNetwork {
  name: string;
  physicalNetwork: string;
  vlan: number;
}

/**
 * Makes the networks that are not there yet. One that is there under its name stays as it is. Throws `VlanTaken` when its
 * VLAN is that of another network.
 */
export async function ensureServiceNetworks(tx: Tx, wanted: readonly ServiceNetwork[], project: string): Promise<void> {
  for (const { name, physicalNetwork, vlan } of wanted) {
    // Several conductors start at once.
    await tx.query({ text: 'select pg_advisory_xact_lock(hashtext($1))', values: [`net_vlans ${physicalNetwork}`] });
    const there = await tx.query({ text: 'select 1 from net_networks where name = $1', values: [name] });
    if (there.length > 0) continue;
    const [taken] = await tx.query<{ name: string }>({
      text: `select n.name from net_segments g join net_networks n on n.id = g.network_id
             where g.physical_network = $1 and g.segmentation_id = $2 and g.network_type = 'vlan'`,
      values: [physicalNetwork, vlan],
    });
    if (taken !== undefined) {
      throw errors.VlanTaken(name, `${physicalNetwork}:${vlan}`, taken.name);
    }
    const id = newUuid();
    await tx.query({
      text: `insert into net_networks (id, project_id, name, description, mtu, port_security_enabled)
             values ($1, $2, $3, 'Machines are here while they are in the hands of Ingot.', 1500, false)`,
      values: [id, project, name],
    });
    await tx.query({
      text: `insert into net_segments (id, network_id, network_type, physical_network, segmentation_id)
             values ($1, $2, 'vlan', $3, $4)`,
      values: [newUuid(), id, physicalNetwork, vlan],
    });
    announceChange(tx);
  }
}
