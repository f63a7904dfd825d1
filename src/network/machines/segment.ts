import type { Segment } from '../model/truth.ts';

/** What a port needs of its network to be bound. */
export interface SegmentWish {
  segments: readonly Segment[];
  /** Segments the subnets of its addresses are tied to; empty: any. */
  tied: readonly string[];
  /** Where the machine's port is plugged in; null: nobody said. */
  physicalNetwork: string | null;
}

/** The segment to bind to, or what is in the way. `dynamic`: an overlay, that needs a VLAN of this physical network. */
export type SegmentChoice =
  | { kind: 'segment'; segment: Segment }
  | { kind: 'dynamic'; physicalNetwork: string }
  | { kind: 'none'; why: string };

/**
 * Chooses the segment by which a machine is on a network: the VLAN, or the flat network, of its physical network; a
 * VLAN bridged into it when the network is an overlay. Pure.
 */
export function chooseSegment({ segments, tied, physicalNetwork }: SegmentWish): SegmentChoice {
  const open = segments.filter(({ id }) => tied.length === 0 || tied.includes(id));
  const physical = open.filter((segment) => !segment.dynamic && segment.physicalNetwork !== null);
  if (physical.length > 0) {
    const names = [...new Set(physical.map((segment) => segment.physicalNetwork))];
    if (physicalNetwork === null && names.length > 1) {
      return { kind: 'none', why: `it is on ${names.join(' and ')}, and the machine's port says no physical_network` };
    }
    const segment = physical.find((one) => physicalNetwork === null || one.physicalNetwork === physicalNetwork);
    if (segment !== undefined) return { kind: 'segment', segment };
    return { kind: 'none', why: `it is on ${names.join(' and ')}, and the machine's port on ${physicalNetwork}` };
  }
  if (!segments.some(({ type }) => type === 'geneve' || type === 'vxlan' || type === 'gre')) {
    return { kind: 'none', why: 'it has no segment that reaches machines' };
  }
  const dynamic = segments.filter((segment) => segment.dynamic);
  const there = dynamic.find((one) => one.physicalNetwork === physicalNetwork);
  if (there !== undefined) return { kind: 'segment', segment: there };
  if (physicalNetwork !== null) return { kind: 'dynamic', physicalNetwork };
  return {
    kind: 'none',
    why: "it is an overlay, and neither the machine's port nor its switch says a physical_network",
  };
}

/** The lowest VLAN of the ranges that nobody has; `wanted` when it is free. Null: none is left. */
export function freeVlan(
  ranges: readonly { first: number; last: number }[],
  used: ReadonlySet<number>,
  wanted?: number,
): number | null {
  const inside = (vlan: number) => ranges.some(({ first, last }) => vlan >= first && vlan <= last);
  if (wanted !== undefined && inside(wanted) && !used.has(wanted)) return wanted;
  for (const { first, last } of ranges) {
    for (let vlan = first; vlan <= last; vlan++) if (!used.has(vlan)) return vlan;
  }
  return null;
}
