import { Type } from 'typebox';
import { createSegments, deleteSegment } from '../../app/segments/edit.ts';
import { ADMIN, ADMIN_READER } from '../../model/checks.ts';
import { history, id, Name, orNull, reference } from '../../model/fields.ts';
import type { Field, Resource } from '../../model/resource.ts';

const said = (column: string): Field => ({
  sql: `t.${column}`,
  column,
  input: orNull(Name),
  filter: 'text',
  sort: true,
});

/** Segments: what a network is made of, each with its way of being carried. */
export const segments: Resource = {
  name: 'segment',
  collection: 'segments',
  title: 'segment',
  notFound: 'SegmentNotFound',
  inUse: 'SegmentInUse',
  table: 'net_segments',
  // Those that machines on overlays stand behind come and go by themselves.
  where: 'not t.dynamic',
  fields: {
    id,
    network_id: reference('network_id', { create: 'must', update: false }),
    name: said('name'),
    description: said('description'),
    network_type: {
      sql: 't.network_type',
      input: Type.Enum(['flat', 'vlan', 'geneve', 'vxlan', 'gre', 'local']),
      create: 'must',
      update: false,
      filter: 'text',
      sort: true,
    },
    physical_network: { ...said('physical_network'), update: false },
    segmentation_id: {
      sql: 't.segmentation_id',
      input: orNull(Type.Integer()),
      update: false,
      filter: 'integer',
      sort: true,
    },
    ...history,
  },
  facts: {},
  rules: { create: ADMIN, get: ADMIN_READER, update: ADMIN, delete: ADMIN },
  create: createSegments,
  delete: deleteSegment,
};
