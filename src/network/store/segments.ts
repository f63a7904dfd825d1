import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import type { Span } from '../model/config.ts';
import type { SegmentWish } from '../model/segments.ts';
import type { SegmentType } from '../model/truth.ts';

/** Where a number may come from: spans, and a number between 0 and 1 that says where to begin looking. */
export interface NumberSource {
  spans: readonly Span[];
  seed: number;
}

interface NewSegment extends SegmentWish {
  networkId: string;
  index: number;
  dynamic?: boolean;
  name?: string | null;
  description?: string | null;
}

/** Inserts a segment; its id, or undefined when another has the number. */
export async function insertSegment(reader: Reader, segment: NewSegment): Promise<string | undefined> {
  const text = `insert into net_segments (id, network_id, network_type, physical_network, segmentation_id, segment_index, dynamic, name, description)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id`;
  const { networkId, type, physicalNetwork, number, index, dynamic = false, name = null, description = null } = segment;
  const values = [newUuid(), networkId, type, physicalNetwork, number, index, dynamic, name, description];
  return (await reader.query<{ id: string }>({ name: 'network segment new', text, values }))[0]?.id;
}

/** Inserts a segment with a number that is free; undefined when there is none. */
export async function takeSegment(
  reader: Reader,
  segment: NewSegment,
  source: NumberSource,
): Promise<string | undefined> {
  const { spans, seed } = source;
  const total = spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  // From a place of chance to the end, then from the beginning to that place.
  let skip = Math.floor(seed * total);
  const parts: Span[] = [];
  const rest: Span[] = [];
  for (const { first, last } of spans) {
    const size = last - first + 1;
    if (skip >= size) rest.push({ first, last });
    else {
      parts.push({ first: first + Math.max(skip, 0), last });
      if (skip > 0) rest.push({ first, last: first + skip - 1 });
    }
    skip = skip >= size ? skip - size : 0;
  }
  for (const { first, last } of [...parts, ...rest]) {
    for (let from = first; from <= last; ) {
      const number = await nextFree(reader, segment.type, segment.physicalNetwork, from, last);
      if (number === undefined) break;
      const id = await insertSegment(reader, { ...segment, number });
      // Somebody took it in between.
      if (id !== undefined) return id;
      from = number + 1;
    }
  }
  return undefined;
}

/** The first number from `first` to `last` that no segment has; reads as far as the first gap and no further. */
async function nextFree(
  reader: Reader,
  type: SegmentType,
  physicalNetwork: string | null,
  first: number,
  last: number,
): Promise<number | undefined> {
  const taken = (alias: string) =>
    type === 'vlan'
      ? `${alias}.network_type = 'vlan' and ${alias}.physical_network = $1`
      : `${alias}.network_type = $1 and ${alias}.network_type in ('geneve', 'vxlan', 'gre')`;
  const text = `select coalesce(
    (select $2::int where not exists (select from net_segments s where ${taken('s')} and s.segmentation_id = $2)),
    (select s.segmentation_id + 1 from net_segments s
      where ${taken('s')} and s.segmentation_id >= $2 and s.segmentation_id < $3
        and not exists (select from net_segments n where ${taken('n')} and n.segmentation_id = s.segmentation_id + 1)
      order by s.segmentation_id limit 1)) as n`;
  const values = [type === 'vlan' ? physicalNetwork : type, first, last];
  const [row] = await reader.query<{ n: number | null }>({ name: `network number ${type === 'vlan'}`, text, values });
  return row?.n ?? undefined;
}
