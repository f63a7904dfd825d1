import { parsePrefix, type Prefix } from '#kernel/addresses';
import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { checkModes, checkNameservers, checkRoutes, gatewayOf, type Pool, poolsOf } from '../../model/subnet-plan.ts';
import { refusals } from '../../refusals.ts';
import { touchRows } from '../../store/rows.ts';
import { findRouterPort, readPools, readSubnet, writePools } from '../../store/subnets.ts';

/** Changes a subnet: its gateway, its pools, what DHCP tells. */
export async function updateSubnet(call: Call, row: Held, changes: Changes, columns: Columns): Promise<Columns> {
  const { tx } = call;
  const subnet = await readSubnet(tx, row.id);
  if (subnet === undefined) throw refusals.SubnetNotFound(row.id);
  const prefix = parsePrefix(subnet.cidr) as Prefix;
  checkNameservers(changes['dns_nameservers']);
  checkRoutes(subnet.ip_version, changes['host_routes']);
  checkModes(subnet.ip_version, prefix.length, { ...subnet, ...changes });
  if (changes['segment_id'] !== undefined && subnet.segment_id !== null && changes['segment_id'] !== subnet.segment_id)
    throw refusals.SubnetSegmentAssociationChangeNotAllowed();
  const gateway = changes['gateway_ip'] === undefined ? subnet.gateway_ip : gatewayOf(prefix, changes['gateway_ip']);
  if (gateway !== subnet.gateway_ip) {
    if (subnet.gateway_ip !== null) {
      const port = await findRouterPort(tx, row.id, subnet.gateway_ip);
      if (port !== undefined) throw refusals.GatewayIpInUse(subnet.gateway_ip, port);
    }
    columns['gateway_ip'] = gateway;
  }
  if (changes['allocation_pools'] !== undefined || gateway !== subnet.gateway_ip) {
    const sent = (changes['allocation_pools'] as Pool[] | undefined) ?? (await readPools(tx, row.id));
    await writePools(tx, row.id, poolsOf(prefix, gateway, sent));
  }
  await touchRows(tx, 'net_networks', [subnet.network_id]);
  return columns;
}
