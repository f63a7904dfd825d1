import { newUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { chooseInterfaces, offerFor } from '../model/interface-choice.ts';
import { INTERFACE_FIELDS, interfaceField, interfacesOf, type NodeValues, toColumns } from '../model/node-fields.ts';
import { INTERFACE_KINDS } from '../model/interfaces.ts';
import { checkNetworkData } from '../model/network-data.ts';
import type { ProvisionState } from '../states/names.ts';
import { insertRow } from '../store/nodes.ts';
import type { TextRow } from '../store/text-rows.ts';
import { nodeConflict } from './node-conflicts.ts';
import { checkBootMode, checkNodeName, checkProperties, linkedNode, readConductorGroup } from './node-rules.ts';

/** Columns a new node's row is made of, always all of them, so that there is one statement. */
const COLUMNS = [
  'uuid',
  'name',
  'chassis_uuid',
  'driver',
  ...INTERFACE_FIELDS,
  'resource_class',
  'conductor_group',
  'owner',
  'lessee',
  'shard',
  'description',
  'parent_node',
  'instance_uuid',
  'instance_name',
  'provision_state',
  'maintenance',
  'retired',
  'retired_reason',
  'automated_clean',
  'console_enabled',
  'disable_power_off',
  'boot_mode',
  'secure_boot',
  'properties',
  'extra',
  'driver_info',
  'instance_info',
  'network_data',
];

/**
 * Enrols a node. `values` are fields of the request in the form verbs take. Gives the row's columns `select`.
 * Throws 400, 403, 409.
 */
export async function createNode(
  deps: BaremetalDeps,
  access: Access,
  version: number,
  initialState: ProvisionState,
  values: NodeValues,
  select: string,
): Promise<TextRow> {
  const { api } = deps.config;
  checkBootMode(deps, values['properties']);
  const own = api.projectAdminCanManageOwnNodes && access.allows('baremetal:node:create:self_owned_node');
  if (!own && !access.allows('baremetal:node:create')) throw errors.Forbidden('baremetal:node:create');
  const uuid = (values['uuid'] as string | null | undefined) ?? newUuid();
  const driver = values['driver'] as string;
  const name = values['name'] as string | null | undefined;
  if (typeof name === 'string') checkNodeName(name, version, `Cannot create node with invalid name '${name}'`);
  const group = readConductorGroup((values['conductor_group'] as string | null) || api.defaultConductorGroup);
  const owner = ownerOf(access, own, (values['owner'] as string | null) ?? null);
  checkNetworkData(values['network_data']);
  checkProperties(uuid, values['properties']);
  const parent = values['parent_node'] as string | null | undefined;
  const offer = await offerFor(deps.catalogue, driver, group);
  const interfaces = chooseInterfaces(deps.catalogue, offer, uuid, interfacesOf(values));
  const info = values['instance_info'] as Record<string, unknown> | null | undefined;
  const made: Record<string, unknown> = {
    ...values,
    uuid,
    owner,
    conductor_group: group,
    resource_class: values['resource_class'] || api.defaultResourceClass,
    provision_state: initialState,
    parent_node:
      typeof parent === 'string' ? await linkedNode(deps, access, 'parent_node', parent, owner, version) : null,
    instance_name:
      values['instance_name'] ?? (typeof info?.['display_name'] === 'string' ? info['display_name'] || null : null),
  };
  for (const kind of INTERFACE_KINDS) made[interfaceField(kind)] = interfaces[kind];
  const columns = toColumns(deps.sealer, uuid, Object.fromEntries(COLUMNS.map((column) => [column, made[column]])));
  try {
    return await insertNode(deps, uuid, owner, columns, select);
  } catch (error) {
    throw nodeConflict(error, uuid, made);
  }
}

/** A project's admin enrols for its own project only; the system's for anybody. */
function ownerOf(access: Access, own: boolean, asked: string | null): string | null {
  if (access.system || !own) return asked;
  if (asked !== null && asked !== access.projectId) {
    throw errors.Invalid('Cannot create a node as a project scoped admin with an owner other than your own project.');
  }
  return access.projectId;
}

/** One statement, unless the owner's quota has to be looked at in the same transaction. */
async function insertNode(
  deps: BaremetalDeps,
  uuid: string,
  owner: string | null,
  columns: Record<string, unknown>,
  select: string,
): Promise<TextRow> {
  const { quotas, store } = deps;
  if (owner !== null && quotas !== undefined) {
    return await store.tx(async (tx) => {
      await quotas.check(tx, owner, 'baremetal_nodes', 1);
      tx.changed('nodes', uuid);
      return await insertRow(tx, 'nodes', columns, select);
    });
  }
  const row = await insertRow(store, 'nodes', columns, select);
  store.changes.announce('nodes', uuid);
  return row;
}
