import { prefixText } from '#kernel/addresses';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import {
  checkModes,
  checkNameservers,
  checkRoutes,
  gatewayOf,
  isAuto,
  poolsOf,
  type Pool,
  readCidr,
} from '../../model/subnet-plan.ts';
import { refusals } from '../../refusals.ts';
import { insertRows, touchRows } from '../../store/rows.ts';
import { addAutoAddresses, findOverlap, holdNetwork, writePools } from '../../store/subnets.ts';
import { takePrefix } from './prefix.ts';

/** Makes subnets with their pools. */
export async function createSubnets(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  for (const [at, wish] of wishes.entries()) await createSubnet(call, wish, columns[at] as NewColumns);
}

async function createSubnet(call: Call, wish: Wish, columns: NewColumns): Promise<void> {
  const { tx } = call;
  const network = String(wish['network_id']);
  await holdNetwork(tx, network);
  const { cidr, pool } = await cidrOf(call, wish);
  const prefix = readCidr(cidr, wish['ip_version']);
  const { version } = prefix;
  checkModes(version, prefix.length, wish);
  checkNameservers(wish['dns_nameservers']);
  checkRoutes(version, wish['host_routes']);
  const gateway = gatewayOf(prefix, wish['gateway_ip']);
  const pools = poolsOf(prefix, gateway, (wish['allocation_pools'] ?? undefined) as Pool[] | undefined);
  if ((await findOverlap(tx, network, cidr)) !== undefined) {
    throw refusals.InvalidInput(
      `Requested subnet with cidr: ${cidr} for network: ${network} overlaps with another subnet`,
    );
  }
  await demandSegment(call, network, wish['segment_id']);
  await insertRows(tx, 'net_subnets', [
    { ...columns, cidr, ip_version: version, gateway_ip: gateway, subnetpool_id: pool, network_id: network },
  ]);
  await writePools(tx, columns.id, pools);
  if (isAuto(wish['ipv6_address_mode'])) await addAutoAddresses(tx, columns.id);
  await touchRows(tx, 'net_networks', [network]);
}

/** The CIDR as named, or one from a subnet pool. */
async function cidrOf(call: Call, wish: Wish): Promise<{ cidr: string; pool: string | null }> {
  const named = (wish['cidr'] ?? null) as string | null;
  const wanted = (wish['subnetpool_id'] ?? null) as string | null;
  const length = (wish['prefixlen'] ?? null) as number | null;
  const usual = wish['use_default_subnetpool'] === true;
  if (wanted !== null && usual)
    throw refusals.HTTPBadRequest('subnetpool_id and use_default_subnetpool cannot both be specified');
  if (wanted === null && !usual) {
    if (named === null) throw refusals.HTTPBadRequest('a subnetpool must be specified in the absence of a cidr');
    if (length !== null) throw refusals.HTTPBadRequest('prefixlen can only be specified with a subnet pool');
    return { cidr: prefixText(readCidr(named, wish['ip_version'])), pool: null };
  }
  if (named !== null && length !== null)
    throw refusals.HTTPBadRequest('cidr and prefixlen must not be supplied together');
  return takePrefix(call, wish.project_id, { pool: wanted, version: wish['ip_version'] as 4 | 6, cidr: named, length });
}

async function demandSegment({ tx }: Call, network: string, segment: unknown): Promise<void> {
  if (typeof segment !== 'string') return;
  const text = 'select network_id from net_segments where id = $1';
  const [row] = await tx.query<{ network_id: string }>({ name: 'network segment of', text, values: [segment] });
  if (row === undefined) throw refusals.SegmentNotFound(segment);
  if (row.network_id !== network) throw refusals.NetworkIdsDontMatch(segment);
}
