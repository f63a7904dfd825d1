import { madeMac } from './chassis.ts';
import { Ref, unitKey, type WantedRow } from './wanted.ts';

// A network's way to the metadata service: a port that is on every chassis at once, and whose frames never leave it.

export const METADATA_IP = '169.254.169.254';

/** How a DHCP client finds it: on the link, whatever its gateway is (RFC 3442, a router of 0.0.0.0). */
export const METADATA_ROUTE = `${METADATA_IP}/32,0.0.0.0`;

/** The `iface-id` of its interfaces. */
export const metadataPort = (networkId: string): string => `metadata-${networkId}`;
export const metadataMac = (networkId: string): string => madeMac(`metadata ${networkId}`);

export const metadataRow = (networkId: string): WantedRow => ({
  table: 'Logical_Switch_Port',
  key: `${unitKey('network', networkId)}/metadata`,
  columns: {
    name: metadataPort(networkId),
    type: 'localport',
    addresses: [`${metadataMac(networkId)} ${METADATA_IP}`],
  },
  in: [{ row: new Ref('Logical_Switch', unitKey('network', networkId)), column: 'ports' }],
});
