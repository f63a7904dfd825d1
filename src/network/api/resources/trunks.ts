import { Type } from 'typebox';
import { addSubports, clearSubports, demandParent, removeSubports } from '../../app/trunks/subports.ts';
import { actorOf } from '../../app/actor.ts';
import { OWNER_MEMBER, OWNER_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  name,
  ownership,
  ownFact,
  reference,
  shown,
  tags,
  Uuid,
} from '../../model/fields.ts';
import type { Call, NewColumns, Resource } from '../../model/resource.ts';
import type { SubportWish } from '../../model/trunk.ts';
import { readDocuments } from '../../store/documents.ts';
import { deleteRow, insertRows, touchRows } from '../../store/rows.ts';
import { subportsOf } from '../../store/trunks.ts';
import { sightOf } from '../request.ts';

const Subports = Type.Array(
  Type.Object(
    {
      port_id: Uuid,
      segmentation_type: Type.Optional(Type.Enum(['vlan', 'inherit'])),
      segmentation_id: Type.Optional(Type.Union([Type.Integer(), Type.String({ pattern: '^\\d{1,4}$' })])),
    },
    { additionalProperties: false },
  ),
  { maxItems: 4094 },
);
const Adding = Type.Object({ sub_ports: Subports }, { additionalProperties: false });
const Removing = Type.Object({
  sub_ports: Type.Array(Type.Object({ port_id: Uuid }, { additionalProperties: true }), { maxItems: 4094 }),
});

const SUBPORTS = `(select coalesce(json_agg(json_build_object('port_id', u.port_id, 'segmentation_type', u.segmentation_type,
    'segmentation_id', u.segmentation_id) order by u.segmentation_id), '[]')
  from net_subports u where u.trunk_id = t.id)`;
const STATUS = `case when t.admin_state_up then (select case p.status when 'ACTIVE' then 'ACTIVE' else 'DOWN' end
  from net_ports p where p.id = t.port_id) else 'DOWN' end`;

const wishesOf = (body: unknown): readonly SubportWish[] => (body as { sub_ports: SubportWish[] }).sub_ports;

/** The trunk as it now is, without the word `trunk` around it: so Neutron answers these two. */
async function bare(call: Call, trunk: string): Promise<unknown> {
  await touchRows(call.tx, 'net_trunks', [trunk]);
  const [doc = '{}'] = await readDocuments(call.tx, trunks, call.project, [trunk], sightOf(trunks, call.context));
  return JSON.parse(doc) as unknown;
}

/** Trunks: ports that carry other networks as VLANs. */
export const trunks: Resource = {
  name: 'trunk',
  collection: 'trunks',
  title: 'trunk',
  notFound: 'TrunkNotFound',
  table: 'net_trunks',
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    port_id: reference('port_id', { create: 'must', update: false }),
    sub_ports: { sql: SUBPORTS, input: Subports, update: false },
    admin_state_up: flag('admin_state_up', true),
    status: shown(STATUS, { filter: 'text' }),
    description,
    tags,
    ...history,
  },
  facts: ownFact,
  rules: { create: OWNER_MEMBER, get: OWNER_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  async create(call, wishes, columns) {
    const actor = actorOf(call);
    for (const [at, wish] of wishes.entries()) {
      const row = columns[at] as NewColumns;
      await demandParent(call.tx, actor, row.project_id, String(wish['port_id']));
      await insertRows(call.tx, 'net_trunks', [row]);
      const subports = (wish['sub_ports'] ?? []) as readonly SubportWish[];
      if (subports.length > 0) await addSubports(call.tx, actor, row.id, subports);
    }
  },
  async delete(call, row) {
    await clearSubports(call.tx, row.id);
    await deleteRow(call.tx, { table: 'net_trunks' }, row.id);
  },
  actions: {
    add_subports: {
      method: 'PUT',
      summary: 'Put ports onto a trunk as VLANs',
      input: Adding,
      check: OWNER_MEMBER,
      touches: false,
      async run(call, row, body) {
        await addSubports(call.tx, actorOf(call), row.id, wishesOf(body));
        return bare(call, row.id);
      },
    },
    remove_subports: {
      method: 'PUT',
      summary: 'Take ports off a trunk',
      input: Removing,
      check: OWNER_MEMBER,
      touches: false,
      async run(call, row, body) {
        await removeSubports(
          call.tx,
          row.id,
          wishesOf(body).map(({ port_id: port }) => port),
        );
        return bare(call, row.id);
      },
    },
    get_subports: {
      method: 'GET',
      summary: 'Ports on a trunk',
      check: OWNER_READER,
      run: async (call, row) => ({ sub_ports: await subportsOf(call.tx, row.id) }),
    },
  },
};
