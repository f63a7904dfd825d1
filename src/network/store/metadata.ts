import type { Reader } from '#store/contract';

// What the metadata service asks of the truth.

/** A network whose ports can ask on a host. */
export interface AskingNetwork {
  id: string;
  mtu: number;
}

/**
 * Networks with virtual machines on a host, and those with machines: OVN lets these in at any host that reaches their
 * physical network. Ramdisks ask for nothing here.
 */
export async function networksThatAsk(reader: Reader, host: string): Promise<AskingNetwork[]> {
  return reader.query<AskingNetwork>({
    name: 'network metadata networks',
    text: `select n.id, n.mtu from net_networks n where not n.external and n.id in (
             select p.network_id from net_ports p left join net_machine_ports m on m.port_id = p.id
              where p.host_id <> '' and p.device_owner not like 'network:%' and m.purpose is null
                and (p.host_id = $1 or p.vnic_type = 'baremetal'))
           order by n.id`,
    values: [host],
  });
}

/** Whose address it is. */
export interface AskingPort {
  id: string;
  projectId: string;
  mac: string;
  deviceId: string;
  deviceOwner: string;
  /** The machine it is bound to for a tenant; null for every other. */
  machine: string | null;
}

/** The port that has an address in a network. */
export async function portThatAsks(reader: Reader, network: string, ip: string): Promise<AskingPort | undefined> {
  const [row] = await reader.query<AskingPort>({
    name: 'network metadata port',
    text: `select p.id, p.project_id as "projectId", p.mac_address::text as mac, p.device_id as "deviceId",
             p.device_owner as "deviceOwner", m.machine_id::text as machine
           from net_fixed_ips f join net_ports p on p.id = f.port_id
             left join net_machine_ports m on m.port_id = p.id and m.purpose is null
           where p.network_id = $1 and f.ip = $2::inet`,
    values: [network, ip],
  });
  return row;
}
