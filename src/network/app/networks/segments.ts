import { isOverlay, type SegmentWish } from '../../model/segments.ts';
import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { insertSegment, takeSegment } from '../../store/segments.ts';

/**
 * Gives a network a segment, with a number when it wants none in particular. Throws the refusal that fits when the
 * number is in use, and `NoNetworkAvailable` when all are.
 */
export async function addSegment(
  call: Call,
  networkId: string,
  wish: SegmentWish,
  index: number,
  more: { name?: string | null; description?: string | null } = {},
): Promise<{ id: string; wish: SegmentWish }> {
  const { tx } = call;
  if (wish.number === null && wish.type !== 'flat' && wish.type !== 'local') {
    const found = await take(call, networkId, wish, index, more);
    if (found === undefined) throw refusals.NoNetworkAvailable(wish.type === 'vlan' ? 'VLAN' : 'tunnel ID');
    return found;
  }
  const id = await insertSegment(tx, { ...wish, ...more, networkId, index });
  if (id !== undefined) return { id, wish };
  if (wish.type === 'vlan') throw refusals.VlanIdInUse(wish.number ?? 0, wish.physicalNetwork ?? '');
  if (wish.type === 'flat') throw refusals.FlatNetworkInUse(wish.physicalNetwork ?? '');
  throw refusals.TunnelIdInUse(wish.number ?? 0);
}

/** The segment of a network whose maker leaves it to us: of the first kind that has something left. */
export async function addTenantSegment(call: Call, networkId: string): Promise<SegmentWish> {
  for (const type of call.room.config.tenantTypes) {
    const found = await take(call, networkId, { type, physicalNetwork: null, number: null }, 0);
    if (found !== undefined) return found.wish;
  }
  throw refusals.NoNetworkAvailable('tenant network');
}

async function take(
  { tx, room: { config, random } }: Call,
  networkId: string,
  wish: SegmentWish,
  index: number,
  more: { name?: string | null; description?: string | null } = {},
): Promise<{ id: string; wish: SegmentWish } | undefined> {
  if (isOverlay(wish.type)) {
    const source = { spans: [config.overlayIds], seed: random.next() };
    const id = await takeSegment(tx, { ...wish, ...more, networkId, index }, source);
    return id === undefined ? undefined : { id, wish };
  }
  for (const [physicalNetwork, { vlans }] of config.physicalNetworks) {
    if (wish.physicalNetwork !== null && wish.physicalNetwork !== physicalNetwork) continue;
    const placed = { ...wish, physicalNetwork };
    const source = { spans: vlans, seed: random.next() };
    const id = await takeSegment(tx, { ...placed, ...more, networkId, index }, source);
    if (id !== undefined) return { id, wish: placed };
  }
  return undefined;
}
