import { Secret } from '#kernel/secret';
import type { Reader, Sealer } from '#store/contract';
import { INTERFACE_KINDS, type InterfaceKind } from '../model/interfaces.ts';
import type { Document, Node } from '../model/node.ts';
import { joinSecrets, type SecretPlace, type SecretValues, secretAad } from '../model/secrets.ts';
import type { PowerState, ProvisionState } from '../states/names.ts';
import { prepared } from './prepared.ts';

/** Columns a conductor needs of a node, for `select` and `returning`. */
export const NODE_COLUMNS = [
  'uuid',
  'name',
  'driver',
  ...INTERFACE_KINDS.map((kind) => `${kind}_interface`),
  'resource_class',
  'conductor_group',
  'owner',
  'lessee',
  'instance_uuid',
  'instance_name',
  'provision_state',
  'target_provision_state',
  'provision_updated_at',
  'power_state',
  'target_power_state',
  'maintenance',
  'maintenance_reason',
  'fault',
  'protected',
  'retired',
  'automated_clean',
  'console_enabled',
  'disable_power_off',
  'properties',
  'extra',
  'driver_info',
  'driver_info_sealed',
  'instance_info',
  'instance_info_sealed',
  'driver_internal_info',
  'driver_internal_info_sealed',
  'network_data',
  'raid_config',
  'target_raid_config',
  'traits',
  'clean_step',
  'deploy_step',
  'service_step',
  'operation_id',
  'operation',
  'reservation',
  'progress',
  'intent_id',
  'fence',
  'revision',
] as const;

/** `n.uuid, n.name, …` */
export const nodeColumns = (table: string): string => NODE_COLUMNS.map((column) => `${table}.${column}`).join(', ');

/** A row of those columns as the store gives it: documents as text, counters as bigint. */
export type NodeRow = Record<`${InterfaceKind}_interface`, string> & {
  uuid: string;
  name: string | null;
  driver: string;
  resource_class: string | null;
  conductor_group: string;
  owner: string | null;
  lessee: string | null;
  instance_uuid: string | null;
  instance_name: string | null;
  provision_state: ProvisionState;
  target_provision_state: ProvisionState | null;
  provision_updated_at: string | null;
  power_state: PowerState | null;
  target_power_state: PowerState | null;
  maintenance: boolean;
  maintenance_reason: string | null;
  fault: string | null;
  protected: boolean;
  retired: boolean;
  automated_clean: boolean | null;
  console_enabled: boolean;
  disable_power_off: boolean;
  properties: string;
  extra: string;
  driver_info: string;
  driver_info_sealed: string | null;
  instance_info: string;
  instance_info_sealed: string | null;
  driver_internal_info: string;
  driver_internal_info_sealed: string | null;
  network_data: string;
  raid_config: string;
  target_raid_config: string;
  traits: string[];
  clean_step: string;
  deploy_step: string;
  service_step: string;
  operation_id: string | null;
  operation: string | null;
  reservation: string | null;
  progress: string | null;
  intent_id: bigint | null;
  fence: bigint;
  revision: bigint;
};

const document = (text: string): Document => (text === '{}' ? {} : (JSON.parse(text) as Document));

function opened(sealer: Sealer, sealed: string | null, uuid: string, place: SecretPlace): SecretValues {
  return sealed === null ? {} : sealer.open<SecretValues>(sealed, secretAad(uuid, place));
}

const secrets = (values: SecretValues): Record<string, Secret<unknown>> =>
  Object.fromEntries(Object.entries(values).map(([path, value]) => [path, new Secret(value)]));

/** A node as workflows and drivers see it. Throws `KeyMissing` or `SealBroken` when its secrets cannot be opened. */
export function toNode(row: NodeRow, sealer: Sealer): Node {
  const interfaces = {} as Record<InterfaceKind, string>;
  for (const kind of INTERFACE_KINDS) interfaces[kind] = row[`${kind}_interface`];
  return {
    uuid: row.uuid,
    name: row.name,
    driver: row.driver,
    interfaces,
    resourceClass: row.resource_class,
    conductorGroup: row.conductor_group,
    owner: row.owner,
    lessee: row.lessee,
    instanceUuid: row.instance_uuid,
    instanceName: row.instance_name,
    provisionState: row.provision_state,
    targetProvisionState: row.target_provision_state,
    powerState: row.power_state,
    targetPowerState: row.target_power_state,
    maintenance: row.maintenance,
    fault: row.fault,
    protected: row.protected,
    retired: row.retired,
    automatedClean: row.automated_clean,
    consoleEnabled: row.console_enabled,
    disablePowerOff: row.disable_power_off,
    properties: document(row.properties),
    extra: document(row.extra),
    driverInfo: document(row.driver_info),
    instanceInfo: document(row.instance_info),
    driverInternalInfo: document(row.driver_internal_info),
    secrets: {
      driverInfo: secrets(opened(sealer, row.driver_info_sealed, row.uuid, 'driver_info')),
      instanceInfo: secrets(opened(sealer, row.instance_info_sealed, row.uuid, 'instance_info')),
      driverInternalInfo: secrets(opened(sealer, row.driver_internal_info_sealed, row.uuid, 'driver_internal_info')),
    },
    networkData: document(row.network_data),
    raidConfig: document(row.raid_config),
    targetRaidConfig: document(row.target_raid_config),
    traits: row.traits,
    cleanStep: document(row.clean_step),
    deployStep: document(row.deploy_step),
    serviceStep: document(row.service_step),
    operationId: row.operation_id,
    operation: row.operation,
    reservation: row.reservation,
    fence: row.fence,
    revision: row.revision,
  };
}

/** A document of a node with its secrets in their places. Use at once, keep no copy. */
export function revealed(node: Node, place: 'driverInfo' | 'instanceInfo' | 'driverInternalInfo'): Document {
  const values: SecretValues = {};
  for (const [path, secret] of Object.entries(node.secrets[place])) values[path] = secret.reveal();
  return joinSecrets(node[place], values);
}

/** A node and what goes with it that drivers do not see. */
export interface LoadedNode {
  node: Node;
  intentId: bigint | null;
  /** ISO time at which the state began. */
  since: string | null;
}

/** Reads a node; undefined when there is none. */
export async function loadNode(reader: Reader, uuid: string, sealer: Sealer): Promise<LoadedNode | undefined> {
  const rows = await reader.query<NodeRow>(
    prepared(`select ${nodeColumns('n')} from nodes n where n.uuid = $1`, [uuid]),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return { node: toNode(row, sealer), intentId: row.intent_id, since: row.provision_updated_at };
}
