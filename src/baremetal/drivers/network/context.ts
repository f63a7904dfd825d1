import type { MachineNetworks, ServicePurpose } from '#contracts/network';
import type { NetworkDriverConfig } from '../../model/conductor-config.ts';
import type { NetworkRecords } from '../../model/network-records.ts';

/** What network interfaces stand on. */
export interface NetworkContext {
  records: NetworkRecords;
  config: NetworkDriverConfig;
  /** Absent: no network service is plugged in. */
  networks?: MachineNetworks;
}

/** What a node says of its networks in driver_info, by purpose; names as Ironic's. */
export const NETWORK_KEYS: Readonly<Record<ServicePurpose, string>> = {
  provisioning: 'provisioning_network',
  cleaning: 'cleaning_network',
  inspection: 'inspection_network',
  rescue: 'rescuing_network',
  servicing: 'servicing_network',
};
