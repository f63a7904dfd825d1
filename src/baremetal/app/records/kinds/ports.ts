import { IngotError } from '#kernel/errors';
import { isUuid } from '#kernel/ids';
import { errors } from '../../../errors.ts';
import { readLocalLink } from '../../../model/local-link.ts';
import { isLogicalName } from '../../../model/names.ts';
import { textRows } from '../../../store/text-rows.ts';
import { findNode } from '../../find-node.ts';
import type { RecordChange, RecordKind } from '../kind.ts';
import { belongTo, mustBeFree, mustShareOwner, nodeOf, type RecordNode } from './node-of.ts';
import { VERSION_RULES } from '../../../model/version-rules.ts';

/** States in which the wiring of a port may change. */
const OPEN_STATES = ['enroll', 'inspecting', 'inspect wait', 'manageable'];
/** What counts as wiring. */
const WIRING = ['portgroup_uuid', 'pxe_enabled', 'local_link_connection', 'physical_network'];

interface Group {
  uuid: string;
  nodeUuid: string;
  standalone: boolean;
  /** Physical networks of its other members; null among them for none. */
  networks: readonly (string | null)[];
}

/** The port group a port is, or shall be, in. Throws 400 when it is not there or of another node. */
async function groupOf(change: RecordChange, uuid: unknown, nodeUuid: string): Promise<Group | null> {
  if (uuid === null || uuid === undefined) return null;
  const asked = typeof uuid === 'string' ? uuid : '';
  const text =
    'select g.uuid, g.node_uuid, g.standalone_ports_supported, ' +
    '(select json_agg(distinct p.physical_network) from ports p where p.portgroup_uuid = g.uuid and p.uuid <> $2) ' +
    'from portgroups g where g.uuid = $1';
  const rows = isUuid(asked)
    ? await textRows(change.deps.store, { name: 'bm_port_group', text, values: [asked, change.uuid] })
    : [];
  const row = rows[0];
  if (row === undefined) throw errors.Invalid(`Portgroup ${asked} could not be found.`);
  if (row[1] !== nodeUuid) {
    throw errors.Invalid('Port can not be added to a portgroup belonging to a different node.');
  }
  const networks = row[3] == null ? [] : (JSON.parse(row[3]) as (string | null)[]);
  return { uuid: asked, nodeUuid, standalone: row[2] === 't', networks };
}

/** All members of a group are on one physical network. */
function mustFitGroup(change: RecordChange, group: Group | null, network: unknown): void {
  const other = group?.networks.find((name) => name !== (network ?? null));
  if (group === null || other === undefined) return;
  throw errors.Conflict(
    `Port with physical network ${String(network ?? 'None')} cannot become a member of a portgroup ${group.uuid} which ` +
      `has ports assigned to physical network ${other ?? 'None'} (port ${change.uuid}).`,
  );
}

function mustStandAlone(group: Group | null, pxe: unknown): void {
  if (group === null || group.standalone || pxe !== true) return;
  throw errors.Conflict(
    `Port group ${group.uuid} doesn't support standalone ports. This port cannot be created as a member of that ` +
      "portgroup as the port's 'pxe_enabled' field was set to True.",
  );
}

/** Checks single values and brings them into their stored form. */
function readValues({ values }: RecordChange): void {
  const { name } = values;
  if (typeof name === 'string' && (!isLogicalName(name, 10) || isUuid(name))) {
    throw errors.InvalidParameterValue(`Expected name for name: ${name.slice(0, 100)}`);
  }
  if (values['physical_network'] === '') {
    throw errors.Invalid('A non-empty value is required when setting physical_network');
  }
  if (values['local_link_connection'] !== undefined) {
    values['local_link_connection'] = readLocalLink(values['local_link_connection']);
  }
}

function mustDescribeSmartNic(smart: unknown, link: unknown): void {
  if (smart !== true) return;
  const { port_id, hostname } = (link ?? {}) as Record<string, unknown>;
  if (port_id === undefined || hostname === undefined) {
    throw errors.Invalid('Smart NIC port must have port_id and hostname in local_link_connection');
  }
}

function mustBeOpen(change: RecordChange, node: RecordNode, changed: (name: string) => boolean): void {
  const { uuid, version } = change;
  if (node.provisionState === 'inspecting' && version >= VERSION_RULES.inspectWait) {
    throw errors.Conflict(`Cannot update port "${uuid}" on "${node.uuid}" while it is in state "inspecting".`, {
      retryAfter: 2,
    });
  }
  if (changed('address') && !node.maintenance && (node.provisionState === 'active' || node.instanceUuid !== null)) {
    throw errors.InvalidState(
      `Cannot update hardware address for port ${uuid} as node ${node.uuid} is active or has instance UUID assigned`,
    );
  }
  if (WIRING.some(changed) && !node.maintenance && !OPEN_STATES.includes(node.provisionState)) {
    throw errors.InvalidState(
      `Port ${uuid} can not have any connectivity attributes (${WIRING.join(', ')}) updated unless node ${node.uuid} is ` +
        `in a ${OPEN_STATES.join(', ')} state or in maintenance mode. The current state is ${node.provisionState}.`,
    );
  }
}

/** The node a new port names, by UUID or (1.94) by name; unknown ones are 400, as the port is what was asked for. */
async function namedNode({ deps, access, version, values }: RecordChange): Promise<unknown> {
  const ident = values['node_ident'];
  delete values['node_ident'];
  if (typeof ident !== 'string') return values['node_uuid'];
  try {
    return (await findNode(deps, access, ident, version, [])).uuid;
  } catch (error) {
    throw error instanceof IngotError && error.status === 404 ? errors.Invalid(error.message) : error;
  }
}

/** Ports: the NICs of a node. */
export const portKind: RecordKind = {
  table: 'ports',
  title: 'Port',
  owned: 'node',
  named: true,
  addressed: true,
  rules: {
    get: 'baremetal:port:get',
    create: 'baremetal:port:create',
    update: 'baremetal:port:update',
    delete: 'baremetal:port:delete',
  },
  documents: { extra: '{}', local_link_connection: '{}', internal_info: '{}' },
  defaults: { pxe_enabled: true, is_smartnic: false, available_for_dynamic_portgroup: true },
  facts: [
    'node_uuid',
    'address',
    'portgroup_uuid',
    'pxe_enabled',
    'physical_network',
    'is_smartnic',
    'local_link_connection',
    'internal_info',
  ],
  notFound: (ident) => errors.PortNotFound(ident),
  async checkNew(change) {
    const { values } = change;
    const node = await nodeOf(change, await namedNode(change));
    values['node_uuid'] = node.uuid;
    belongTo(change, node);
    readValues(change);
    const group = await groupOf(change, values['portgroup_uuid'], node.uuid);
    mustDescribeSmartNic(values['is_smartnic'], values['local_link_connection']);
    mustStandAlone(group, values['pxe_enabled']);
    mustFitGroup(change, group, values['physical_network']);
  },
  async checkEdit(change) {
    const { values, before, version } = change;
    const node = await nodeOf(change, before['node_uuid']);
    const to = values['node_uuid'];
    const moved = to !== undefined && to !== before['node_uuid'];
    if (moved) mustShareOwner(change, await nodeOf(change, to));
    readValues(change);
    const after = (name: string) => (name in values ? values[name] : before[name]);
    const changed = (name: string) => name in values && JSON.stringify(values[name]) !== JSON.stringify(before[name]);
    const group = await groupOf(change, after('portgroup_uuid'), moved ? (to as string) : node.uuid);
    if (version >= VERSION_RULES.groupNetwork && 'physical_network' in values && group !== null) {
      throw errors.Invalid('physical_network cannot be changed while the port belongs to a portgroup.');
    }
    mustDescribeSmartNic(after('is_smartnic'), after('local_link_connection'));
    mustBeOpen(change, node, changed);
    mustBeFree(node);
    if (changed('portgroup_uuid') || changed('pxe_enabled')) mustStandAlone(group, after('pxe_enabled'));
    if (changed('portgroup_uuid') || changed('physical_network'))
      mustFitGroup(change, group, after('physical_network'));
  },
  async checkDelete(change) {
    const node = await nodeOf(change, change.before['node_uuid']);
    mustBeFree(node);
    const vif = (change.before['internal_info'] as Record<string, unknown> | null)?.['tenant_vif_port_id'];
    if (vif !== undefined && !node.maintenance) {
      throw errors.InvalidState(`Cannot delete the port ${change.uuid} as it is bound to VIF ${String(vif)} for use.`);
    }
  },
  conflict(constraint, values) {
    if (constraint === 'ports_address_key') return errors.MacAlreadyExists(String(values['address']));
    return constraint === 'ports_name_key' ? errors.PortDuplicateName(String(values['name'])) : undefined;
  },
};
