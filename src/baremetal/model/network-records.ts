import type { ServicePurpose } from '#contracts/network';
import type { Document } from './node.ts';
import type { VifCandidate } from './vif-choice.ts';

/** A port or a port group of a node, with all that a network interface needs. */
export interface NetworkPlace extends VifCandidate {
  name: string | null;
  address: string | null;
  /** Of a port: where its cable ends (`local_link_connection`). */
  link: Document;
  /** Of a port group. */
  mode: string | null;
  properties: Document;
}

/** What network interfaces read and keep. Given to them, since drivers know no database. */
export interface NetworkRecords {
  /** Ports, then port groups, in the order they were made. */
  places(nodeUuid: string): Promise<NetworkPlace[]>;
  /** Writes which service port is on which port (`internal_info.<purpose>_vif_port_id`), in place of what stood there. */
  noteServicePorts(nodeUuid: string, purpose: ServicePurpose | null, vifs: ReadonlyMap<string, string>): Promise<void>;
}
