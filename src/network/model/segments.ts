import { refusals } from '../refusals.ts';
import type { NetworkConfig, Span } from './config.ts';
import type { SegmentType } from './truth.ts';

/** A piece of a network as somebody wants it; a number that is null is looked for. */
export interface SegmentWish {
  type: SegmentType;
  physicalNetwork: string | null;
  number: number | null;
}

/** Bytes a kind of overlay takes of each packet. */
const OVERHEAD = { geneve: 58, vxlan: 50, gre: 42 } as const;
const OVERLAY_NUMBERS: Span = { first: 1, last: 16_777_215 };
const VLANS: Span = { first: 1, last: 4094 };

export const isOverlay = (type: SegmentType): type is keyof typeof OVERHEAD => type in OVERHEAD;

type Sent = Readonly<Record<string, unknown>>;

/**
 * The segments of a new network as its maker wrote them, by `provider:*` or by `segments`; null when it did not say.
 * Throws `InvalidInput` for what cannot be.
 */
export function segmentsOf(sent: Sent, config: NetworkConfig): SegmentWish[] | null {
  const given = (name: string) => sent[`provider:${name}`] !== undefined && sent[`provider:${name}`] !== null;
  const single = ['network_type', 'physical_network', 'segmentation_id'].some(given);
  const several = sent['segments'] as readonly Sent[] | undefined | null;
  if (several === undefined || several === null) return single ? [segmentOf(sent, config)] : null;
  if (single) throw refusals.SegmentsSetInConjunctionWithProviders();
  const wishes = several.map((one) => segmentOf(one, config));
  const seen = new Set(wishes.map((wish) => JSON.stringify(wish)));
  if (seen.size < wishes.length) throw refusals.SegmentsContainDuplicateEntry();
  return wishes;
}

/** One segment of `provider:*`. Throws `InvalidInput`. */
export function segmentOf(sent: Sent, config: NetworkConfig): SegmentWish {
  const type = sent['provider:network_type'] as SegmentType | undefined | null;
  const physicalNetwork = (sent['provider:physical_network'] ?? null) as string | null;
  const number = (sent['provider:segmentation_id'] ?? null) as number | null;
  if (type === undefined || type === null) throw refusals.InvalidInput('network_type required');
  return checkSegment({ type, physicalNetwork, number }, config);
}

/** The segment, if there can be such a one. Throws `InvalidInput`. */
export function checkSegment(wish: SegmentWish, config: NetworkConfig): SegmentWish {
  const { type, physicalNetwork, number } = wish;
  const within = ({ first, last }: Span) => {
    if (number !== null && (number < first || number > last))
      throw refusals.InvalidInput(`segmentation_id of a ${type} network must be from ${first} to ${last}`);
  };
  if (type === 'flat' || type === 'vlan') {
    if (physicalNetwork === null && !(type === 'vlan' && number === null))
      throw refusals.InvalidInput(`physical_network required for ${type} provider network`);
    if (physicalNetwork !== null && !config.physicalNetworks.has(physicalNetwork)) {
      throw refusals.InvalidInput(
        `physical_network '${physicalNetwork}' is unknown: the setting network.physical_networks names those there are`,
      );
    }
    if (type === 'flat' && number !== null)
      throw refusals.InvalidInput('segmentation_id prohibited for flat provider network');
    within(VLANS);
    return wish;
  }
  if (physicalNetwork !== null) throw refusals.InvalidInput(`provider:physical_network specified for ${type} network`);
  if (type === 'local' && number !== null)
    throw refusals.InvalidInput('segmentation_id prohibited for local provider network');
  if (isOverlay(type)) within(OVERLAY_NUMBERS);
  return wish;
}

/** The largest packet a network of these segments carries. */
export function mtuOf(segments: readonly SegmentWish[], config: NetworkConfig): number {
  const each = segments.map(({ type, physicalNetwork }) => {
    if (isOverlay(type)) return config.pathMtu - OVERHEAD[type];
    return config.physicalNetworks.get(physicalNetwork ?? '')?.mtu ?? config.pathMtu;
  });
  return Math.min(...each);
}
