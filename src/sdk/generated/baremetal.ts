// Generated from the route table of baremetal by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface Node {
  uuid?: string | undefined;
  name?: string | null | undefined;
  power_state?: string | null | undefined;
  target_power_state?: string | null | undefined;
  provision_state?: string | null | undefined;
  target_provision_state?: string | null | undefined;
  provision_updated_at?: string | null | undefined;
  last_error?: string | null | undefined;
  maintenance?: boolean | undefined;
  maintenance_reason?: string | null | undefined;
  fault?: string | null | undefined;
  console_enabled?: boolean | undefined;
  driver?: string | undefined;
  driver_info?: Record<string, unknown> | undefined;
  driver_internal_info?: Record<string, unknown> | undefined;
  properties?: Record<string, unknown> | undefined;
  instance_info?: Record<string, unknown> | undefined;
  instance_uuid?: string | null | undefined;
  instance_name?: string | null | undefined;
  extra?: Record<string, unknown> | undefined;
  chassis_uuid?: string | null | undefined;
  reservation?: string | null | undefined;
  inspection_finished_at?: string | null | undefined;
  inspection_started_at?: string | null | undefined;
  clean_step?: Record<string, unknown> | undefined;
  raid_config?: Record<string, unknown> | undefined;
  target_raid_config?: Record<string, unknown> | undefined;
  resource_class?: string | null | undefined;
  traits?: string[] | undefined;
  deploy_step?: Record<string, unknown> | undefined;
  conductor_group?: string | undefined;
  automated_clean?: boolean | null | undefined;
  protected?: boolean | undefined;
  protected_reason?: string | null | undefined;
  conductor?: string | null | undefined;
  owner?: string | null | undefined;
  description?: string | null | undefined;
  allocation_uuid?: string | null | undefined;
  retired?: boolean | undefined;
  retired_reason?: string | null | undefined;
  lessee?: string | null | undefined;
  network_data?: Record<string, unknown> | undefined;
  boot_mode?: string | null | undefined;
  secure_boot?: boolean | null | undefined;
  shard?: string | null | undefined;
  parent_node?: string | null | undefined;
  service_step?: Record<string, unknown> | undefined;
  disable_power_off?: boolean | undefined;
  health?: string | null | undefined;
  bios_interface?: string | undefined;
  boot_interface?: string | undefined;
  console_interface?: string | undefined;
  deploy_interface?: string | undefined;
  firmware_interface?: string | undefined;
  inspect_interface?: string | undefined;
  management_interface?: string | undefined;
  network_interface?: string | undefined;
  power_interface?: string | undefined;
  raid_interface?: string | undefined;
  rescue_interface?: string | undefined;
  storage_interface?: string | undefined;
  vendor_interface?: string | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  ports?: ({ href: string; rel: string; })[] | undefined;
  states?: ({ href: string; rel: string; })[] | undefined;
  portgroups?: ({ href: string; rel: string; })[] | undefined;
  volume?: ({ href: string; rel: string; })[] | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface Chassis {
  uuid?: string | undefined;
  description?: string | null | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  nodes?: ({ href: string; rel: string; })[] | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface Port {
  uuid?: string | undefined;
  address?: string | undefined;
  node_uuid?: string | undefined;
  extra?: Record<string, unknown> | undefined;
  internal_info?: Record<string, unknown> | undefined;
  pxe_enabled?: boolean | undefined;
  local_link_connection?: Record<string, unknown> | undefined;
  portgroup_uuid?: string | null | undefined;
  physical_network?: string | null | undefined;
  is_smartnic?: boolean | undefined;
  name?: string | null | undefined;
  description?: string | null | undefined;
  vendor?: string | null | undefined;
  category?: string | null | undefined;
  available_for_dynamic_portgroup?: boolean | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface Portgroup {
  uuid?: string | undefined;
  address?: string | null | undefined;
  name?: string | null | undefined;
  node_uuid?: string | undefined;
  standalone_ports_supported?: boolean | undefined;
  mode?: string | undefined;
  properties?: Record<string, unknown> | undefined;
  physical_network?: string | null | undefined;
  category?: string | null | undefined;
  dynamic_portgroup?: boolean | undefined;
  internal_info?: Record<string, unknown> | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  ports?: ({ href: string; rel: string; })[] | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface VolumeConnector {
  uuid?: string | undefined;
  node_uuid?: string | undefined;
  type?: string | undefined;
  connector_id?: string | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface VolumeTarget {
  uuid?: string | undefined;
  node_uuid?: string | undefined;
  volume_type?: string | undefined;
  boot_index?: number | undefined;
  volume_id?: string | undefined;
  properties?: Record<string, unknown> | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface DeployTemplate {
  uuid?: string | undefined;
  name?: string | undefined;
  steps?: unknown[] | null | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface Runbook {
  uuid?: string | undefined;
  name?: string | undefined;
  description?: string | null | undefined;
  steps?: unknown[] | null | undefined;
  disable_ramdisk?: boolean | undefined;
  public?: boolean | undefined;
  owner?: string | null | undefined;
  traits?: string[] | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface InspectionRule {
  uuid?: string | undefined;
  description?: string | null | undefined;
  priority?: number | undefined;
  sensitive?: boolean | undefined;
  phase?: string | undefined;
  conditions?: unknown[] | null | undefined;
  actions?: unknown[] | null | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface Allocation {
  uuid?: string | undefined;
  name?: string | null | undefined;
  node_uuid?: string | null | undefined;
  state?: string | undefined;
  last_error?: string | null | undefined;
  resource_class?: string | null | undefined;
  owner?: string | null | undefined;
  traits?: string[] | undefined;
  candidate_nodes?: unknown[] | null | undefined;
  extra?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  updated_at?: string | null | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface NodeListQuery {
  chassis_uuid?: string | undefined;
  instance_uuid?: string | undefined;
  associated?: boolean | undefined;
  maintenance?: boolean | undefined;
  provision_state?: string | undefined;
  driver?: string | undefined;
  resource_class?: string | undefined;
  fault?: string | undefined;
  conductor_group?: string | undefined;
  conductor?: string | undefined;
  owner?: string | undefined;
  description_contains?: string | undefined;
  retired?: boolean | undefined;
  lessee?: string | undefined;
  project?: string | undefined;
  shard?: string[] | undefined;
  sharded?: boolean | undefined;
  include_children?: boolean | undefined;
  parent_node?: string | undefined;
  instance_name?: string | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface NodeListResponse {
  nodes: Node[];
  next?: string | undefined;
}

export interface NodeListDetailQuery {
  chassis_uuid?: string | undefined;
  instance_uuid?: string | undefined;
  associated?: boolean | undefined;
  maintenance?: boolean | undefined;
  provision_state?: string | undefined;
  driver?: string | undefined;
  resource_class?: string | undefined;
  fault?: string | undefined;
  conductor_group?: string | undefined;
  conductor?: string | undefined;
  owner?: string | undefined;
  description_contains?: string | undefined;
  retired?: boolean | undefined;
  lessee?: string | undefined;
  project?: string | undefined;
  shard?: string[] | undefined;
  sharded?: boolean | undefined;
  include_children?: boolean | undefined;
  parent_node?: string | undefined;
  instance_name?: string | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface NodeCreateBody {
  uuid?: string | null | undefined;
  name?: string | null | undefined;
  maintenance?: boolean | string | null | undefined;
  console_enabled?: boolean | string | null | undefined;
  driver: string;
  driver_info?: Record<string, unknown> | null | undefined;
  properties?: Record<string, unknown> | null | undefined;
  instance_info?: Record<string, unknown> | null | undefined;
  instance_uuid?: string | null | undefined;
  instance_name?: string | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
  chassis_uuid?: string | null | undefined;
  resource_class?: string | null | undefined;
  conductor_group?: string | null | undefined;
  automated_clean?: boolean | string | null | undefined;
  owner?: string | null | undefined;
  description?: string | null | undefined;
  retired?: boolean | string | null | undefined;
  retired_reason?: string | null | undefined;
  lessee?: string | null | undefined;
  network_data?: Record<string, unknown> | null | undefined;
  boot_mode?: string | null | undefined;
  secure_boot?: boolean | string | null | undefined;
  shard?: string | null | undefined;
  parent_node?: string | null | undefined;
  disable_power_off?: boolean | string | null | undefined;
  bios_interface?: string | null | undefined;
  boot_interface?: string | null | undefined;
  console_interface?: string | null | undefined;
  deploy_interface?: string | null | undefined;
  firmware_interface?: string | null | undefined;
  inspect_interface?: string | null | undefined;
  management_interface?: string | null | undefined;
  network_interface?: string | null | undefined;
  power_interface?: string | null | undefined;
  raid_interface?: string | null | undefined;
  rescue_interface?: string | null | undefined;
  storage_interface?: string | null | undefined;
  vendor_interface?: string | null | undefined;
}

export interface NodeShowQuery {
  fields?: string[] | undefined;
}

export interface NodeUpdateQuery {
  reset_interfaces?: boolean | undefined;
}

export interface NodeStatesPowerBody {
  target: string;
  timeout?: number | string | null | undefined;
}

export interface NodeStatesProvisionBody {
  target: string;
  configdrive?: string | Record<string, unknown> | null | undefined;
  clean_steps?: Record<string, unknown>[] | null | undefined;
  deploy_steps?: Record<string, unknown>[] | null | undefined;
  service_steps?: Record<string, unknown>[] | null | undefined;
  rescue_password?: string | null | undefined;
  disable_ramdisk?: boolean | string | null | undefined;
  runbook?: string | null | undefined;
}

export interface NodeConsoleSetBody {
  enabled: boolean | string;
}

export interface NodeStatesBootModeBody {
  target: string;
}

export interface NodeStatesSecureBootBody {
  target: boolean | string;
}

export interface NodeBootDeviceSetBody {
  boot_device: string;
  persistent?: boolean | string | null | undefined;
}

export interface NodeIndicatorSetBody {
  state: string;
}

export interface NodeVmediaAttachBody {
  device_type: "cdrom" | "disk" | "floppy";
  image_url: string;
  image_download_source?: "http" | "local" | "swift" | undefined;
}

export interface NodeVmediaDetachQuery {
  device_types?: string[] | undefined;
}

export interface NodeValidateByQueryQuery {
  node?: string | undefined;
  node_uuid?: string | undefined;
}

export interface NodePassthruGetQuery {
  method?: string | undefined;
}

export interface NodeMaintenanceSetBody {
  reason?: string | null | undefined;
}

export interface NodeTraitListResponse {
  traits: string[];
}

export interface NodeTraitReplaceBody {
  traits?: string[] | undefined;
}

export interface NodeVifListResponse {
  vifs: ({ id: string; })[];
}

export interface NodeVifAttachBody {
  id: string;
  port_uuid?: string | undefined;
  portgroup_uuid?: string | undefined;
  [name: string]: unknown;
}

export interface NodeBiosListQuery {
  detail?: boolean | undefined;
  fields?: string[] | undefined;
}

export interface NodeHistoryListQuery {
  detail?: boolean | undefined;
  marker?: string | undefined;
  limit?: number | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface NodeTimelineListQuery {
  limit?: number | undefined;
  operation?: string | undefined;
}

export interface NodeProofsListQuery {
  limit?: number | undefined;
}

export interface NodeDeployPlanBody {
  instance_info?: Record<string, unknown> | undefined;
}

export interface DriverListQuery {
  type?: string | undefined;
  detail?: boolean | undefined;
  fields?: string[] | undefined;
}

export interface DriverListResponse {
  drivers: Record<string, unknown>[];
}

export interface ConductorListQuery {
  fields?: string[] | undefined;
  detail?: boolean | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface ConductorListResponse {
  conductors: Record<string, unknown>[];
  next?: string | undefined;
}

export interface ChassisListQuery {
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface ChassisListResponse {
  chassis: Chassis[];
  next?: string | undefined;
}

export interface ChassisCreateBody {
  uuid?: string | null | undefined;
  description?: string | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
}

export interface ChassisListDetailQuery {
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface PortListQuery {
  node?: string | undefined;
  node_uuid?: string | undefined;
  address?: string | undefined;
  portgroup?: string | undefined;
  shard?: string[] | undefined;
  description_contains?: string | undefined;
  conductor_groups?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface PortListResponse {
  ports: Port[];
  next?: string | undefined;
}

export interface PortCreateBody {
  uuid?: string | null | undefined;
  address: string;
  node_uuid?: string | null | undefined;
  node_ident?: string | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
  pxe_enabled?: boolean | string | null | undefined;
  local_link_connection?: Record<string, unknown> | null | undefined;
  portgroup_uuid?: string | null | undefined;
  physical_network?: string | null | undefined;
  is_smartnic?: boolean | string | null | undefined;
  name?: string | null | undefined;
  description?: string | null | undefined;
  vendor?: string | null | undefined;
  category?: string | null | undefined;
  available_for_dynamic_portgroup?: boolean | string | null | undefined;
}

export interface PortListDetailQuery {
  node?: string | undefined;
  node_uuid?: string | undefined;
  address?: string | undefined;
  portgroup?: string | undefined;
  shard?: string[] | undefined;
  description_contains?: string | undefined;
  conductor_groups?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface PortgroupListQuery {
  node?: string | undefined;
  address?: string | undefined;
  shard?: string[] | undefined;
  conductor_groups?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface PortgroupListResponse {
  portgroups: Portgroup[];
  next?: string | undefined;
}

export interface PortgroupCreateBody {
  uuid?: string | null | undefined;
  address?: string | null | undefined;
  name?: string | null | undefined;
  node_uuid: string;
  standalone_ports_supported?: boolean | string | null | undefined;
  mode?: string | null | undefined;
  properties?: Record<string, unknown> | null | undefined;
  physical_network?: string | null | undefined;
  category?: string | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
}

export interface PortgroupListDetailQuery {
  node?: string | undefined;
  address?: string | undefined;
  shard?: string[] | undefined;
  conductor_groups?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
}

export interface VolumeConnectorListQuery {
  node?: string | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface VolumeConnectorListResponse {
  connectors: VolumeConnector[];
  next?: string | undefined;
}

export interface VolumeConnectorCreateBody {
  uuid?: string | null | undefined;
  node_uuid: string;
  type: string;
  connector_id: string;
  extra?: Record<string, unknown> | null | undefined;
}

export interface VolumeTargetListResponse {
  targets: VolumeTarget[];
  next?: string | undefined;
}

export interface VolumeTargetCreateBody {
  uuid?: string | null | undefined;
  node_uuid: string;
  volume_type: string;
  boot_index: number;
  volume_id: string;
  properties?: Record<string, unknown> | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
}

export interface DeployTemplateListResponse {
  deploy_templates: DeployTemplate[];
  next?: string | undefined;
}

export interface DeployTemplateCreateBody {
  uuid?: string | null | undefined;
  name: string;
  steps: unknown[];
  extra?: Record<string, unknown> | null | undefined;
}

export interface RunbookListResponse {
  runbooks: Runbook[];
  next?: string | undefined;
}

export interface RunbookCreateBody {
  uuid?: string | null | undefined;
  name: string;
  description?: string | null | undefined;
  steps: unknown[];
  disable_ramdisk?: boolean | string | null | undefined;
  public?: boolean | string | null | undefined;
  owner?: string | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
}

export interface InspectionRuleListResponse {
  inspection_rules: InspectionRule[];
  next?: string | undefined;
}

export interface InspectionRuleCreateBody {
  uuid?: string | null | undefined;
  description?: string | null | undefined;
  priority?: number | string | null | undefined;
  sensitive?: boolean | string | null | undefined;
  phase?: string | null | undefined;
  conditions?: unknown[] | null | undefined;
  actions: unknown[];
}

export interface AllocationListQuery {
  node?: string | undefined;
  resource_class?: string | undefined;
  state?: string | undefined;
  owner?: string | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  sort_key?: string | undefined;
  sort_dir?: string | undefined;
  fields?: string[] | undefined;
  detail?: boolean | undefined;
}

export interface AllocationListResponse {
  allocations: Allocation[];
  next?: string | undefined;
}

export interface AllocationCreateBody {
  uuid?: string | null | undefined;
  name?: string | null | undefined;
  resource_class?: string | null | undefined;
  owner?: string | null | undefined;
  traits?: string[] | null | undefined;
  candidate_nodes?: unknown[] | null | undefined;
  extra?: Record<string, unknown> | null | undefined;
  node?: string | undefined;
}

export interface ShardListResponse {
  shards: ({ name: string; count: number; })[];
}

export interface EventPostBody {
  events: Record<string, unknown>[];
}

export interface RamdiskLookupQuery {
  addresses?: string[] | undefined;
  node_uuid?: string | undefined;
}

export interface RamdiskHeartbeatBody {
  callback_url?: string | undefined;
  agent_version?: string | null | undefined;
  agent_token?: string | null | undefined;
  agent_verify_ca?: string | null | undefined;
  agent_status?: string | null | undefined;
  agent_status_message?: string | null | undefined;
  progress?: Record<string, unknown> | undefined;
}

export interface RamdiskContinueInspectionQuery {
  node_uuid?: string | undefined;
}

export interface RamdiskContinueInspectionResponse {
  uuid: string;
}

/** Every operation of the service, by name. */
export const baremetal = {
  /** Show the versions of the API */
  root: { id: 'root', method: 'GET', path: '/' } as Operation<undefined, undefined, undefined, Record<string, unknown>>,
  /** Show the resources of version 1 */
  v1: { id: 'v1', method: 'GET', path: '/v1' } as Operation<undefined, undefined, undefined, Record<string, unknown>>,
  /** List nodes */
  nodeList: { id: 'node.list', method: 'GET', path: '/v1/nodes' } as Operation<undefined, NodeListQuery, undefined, NodeListResponse>,
  /** List nodes with all their fields */
  nodeListDetail: { id: 'node.list-detail', method: 'GET', path: '/v1/nodes/detail' } as Operation<undefined, NodeListDetailQuery, undefined, NodeListResponse>,
  /** Enrol a node */
  nodeCreate: { id: 'node.create', method: 'POST', path: '/v1/nodes' } as Operation<undefined, undefined, NodeCreateBody, Node>,
  /** Show a node */
  nodeShow: { id: 'node.show', method: 'GET', path: '/v1/nodes/:node_ident' } as Operation<{ node_ident: string }, NodeShowQuery, undefined, Node>,
  /** Change fields of a node by JSON patch */
  nodeUpdate: { id: 'node.update', method: 'PATCH', path: '/v1/nodes/:node_ident' } as Operation<{ node_ident: string }, NodeUpdateQuery, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Node>,
  /** Forget a node */
  nodeDelete: { id: 'node.delete', method: 'DELETE', path: '/v1/nodes/:node_ident' } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** Show the states of a node */
  nodeStatesShow: { id: 'node.states.show', method: 'GET', path: '/v1/nodes/:node_ident/states' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Change the power state */
  nodeStatesPower: { id: 'node.states.power', method: 'PUT', path: '/v1/nodes/:node_ident/states/power' } as Operation<{ node_ident: string }, undefined, NodeStatesPowerBody, unknown>,
  /** Move a node through its life */
  nodeStatesProvision: { id: 'node.states.provision', method: 'PUT', path: '/v1/nodes/:node_ident/states/provision' } as Operation<{ node_ident: string }, undefined, NodeStatesProvisionBody, unknown>,
  /** Set the RAID a node shall have */
  nodeStatesRaid: { id: 'node.states.raid', method: 'PUT', path: '/v1/nodes/:node_ident/states/raid', since: 12 } as Operation<{ node_ident: string }, undefined, Record<string, unknown>, unknown>,
  /** Show how to reach the console */
  nodeConsoleShow: { id: 'node.console.show', method: 'GET', path: '/v1/nodes/:node_ident/states/console' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Turn the console on or off */
  nodeConsoleSet: { id: 'node.console.set', method: 'PUT', path: '/v1/nodes/:node_ident/states/console' } as Operation<{ node_ident: string }, undefined, NodeConsoleSetBody, unknown>,
  /** Set the boot mode */
  nodeStatesBootMode: { id: 'node.states.boot-mode', method: 'PUT', path: '/v1/nodes/:node_ident/states/boot_mode', since: 76 } as Operation<{ node_ident: string }, undefined, NodeStatesBootModeBody, unknown>,
  /** Turn Secure Boot on or off */
  nodeStatesSecureBoot: { id: 'node.states.secure-boot', method: 'PUT', path: '/v1/nodes/:node_ident/states/secure_boot', since: 76 } as Operation<{ node_ident: string }, undefined, NodeStatesSecureBootBody, unknown>,
  /** Show the boot device */
  nodeBootDeviceShow: { id: 'node.boot-device.show', method: 'GET', path: '/v1/nodes/:node_ident/management/boot_device' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Set the boot device */
  nodeBootDeviceSet: { id: 'node.boot-device.set', method: 'PUT', path: '/v1/nodes/:node_ident/management/boot_device' } as Operation<{ node_ident: string }, undefined, NodeBootDeviceSetBody, unknown>,
  /** List the boot devices the node has */
  nodeBootDeviceSupported: { id: 'node.boot-device.supported', method: 'GET', path: '/v1/nodes/:node_ident/management/boot_device/supported' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Send a non-maskable interrupt */
  nodeNmiInject: { id: 'node.nmi.inject', method: 'PUT', path: '/v1/nodes/:node_ident/management/inject_nmi', since: 29 } as Operation<{ node_ident: string }, undefined, Record<string, never>, unknown>,
  /** List the indicator lights */
  nodeIndicatorList: { id: 'node.indicator.list', method: 'GET', path: '/v1/nodes/:node_ident/management/indicators' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Show an indicator light */
  nodeIndicatorShow: { id: 'node.indicator.show', method: 'GET', path: '/v1/nodes/:node_ident/management/indicators/:indicator' } as Operation<{ node_ident: string; indicator: string }, undefined, undefined, Record<string, unknown>>,
  /** Set an indicator light */
  nodeIndicatorSet: { id: 'node.indicator.set', method: 'PUT', path: '/v1/nodes/:node_ident/management/indicators/:indicator' } as Operation<{ node_ident: string; indicator: string }, undefined, NodeIndicatorSetBody, unknown>,
  /** Show virtual media */
  nodeVmediaShow: { id: 'node.vmedia.show', method: 'GET', path: '/v1/nodes/:node_ident/vmedia', since: 93 } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** Insert virtual media */
  nodeVmediaAttach: { id: 'node.vmedia.attach', method: 'POST', path: '/v1/nodes/:node_ident/vmedia', since: 89 } as Operation<{ node_ident: string }, undefined, NodeVmediaAttachBody, unknown>,
  /** Eject virtual media */
  nodeVmediaDetach: { id: 'node.vmedia.detach', method: 'DELETE', path: '/v1/nodes/:node_ident/vmedia', since: 89 } as Operation<{ node_ident: string }, NodeVmediaDetachQuery, undefined, unknown>,
  /** Check whether the interfaces have what they need */
  nodeValidate: { id: 'node.validate', method: 'GET', path: '/v1/nodes/:node_ident/validate' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Check whether the interfaces of a node have what they need */
  nodeValidateByQuery: { id: 'node.validate-by-query', method: 'GET', path: '/v1/nodes/validate' } as Operation<undefined, NodeValidateByQueryQuery, undefined, Record<string, unknown>>,
  /** Call a vendor's function of a node */
  nodePassthruGet: { id: 'node.passthru.get', method: 'GET', path: '/v1/nodes/:node_ident/vendor_passthru' } as Operation<{ node_ident: string }, NodePassthruGetQuery, undefined, unknown>,
  /** Call a vendor's function of a node */
  nodePassthruPost: { id: 'node.passthru.post', method: 'POST', path: '/v1/nodes/:node_ident/vendor_passthru' } as Operation<{ node_ident: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a node */
  nodePassthruPut: { id: 'node.passthru.put', method: 'PUT', path: '/v1/nodes/:node_ident/vendor_passthru' } as Operation<{ node_ident: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a node */
  nodePassthruPatch: { id: 'node.passthru.patch', method: 'PATCH', path: '/v1/nodes/:node_ident/vendor_passthru' } as Operation<{ node_ident: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a node */
  nodePassthruDelete: { id: 'node.passthru.delete', method: 'DELETE', path: '/v1/nodes/:node_ident/vendor_passthru' } as Operation<{ node_ident: string }, NodePassthruGetQuery, unknown, unknown>,
  /** List the vendor's functions of a node */
  nodePassthruMethods: { id: 'node.passthru.methods', method: 'GET', path: '/v1/nodes/:node_ident/vendor_passthru/methods' } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Put a node into maintenance */
  nodeMaintenanceSet: { id: 'node.maintenance.set', method: 'PUT', path: '/v1/nodes/:node_ident/maintenance' } as Operation<{ node_ident: string }, undefined, NodeMaintenanceSetBody, unknown>,
  /** Take a node out of maintenance */
  nodeMaintenanceClear: { id: 'node.maintenance.clear', method: 'DELETE', path: '/v1/nodes/:node_ident/maintenance' } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** List traits */
  nodeTraitList: { id: 'node.trait.list', method: 'GET', path: '/v1/nodes/:node_ident/traits', since: 37 } as Operation<{ node_ident: string }, undefined, undefined, NodeTraitListResponse>,
  /** Replace all traits */
  nodeTraitReplace: { id: 'node.trait.replace', method: 'PUT', path: '/v1/nodes/:node_ident/traits', since: 37 } as Operation<{ node_ident: string }, undefined, NodeTraitReplaceBody, unknown>,
  /** Remove all traits */
  nodeTraitClear: { id: 'node.trait.clear', method: 'DELETE', path: '/v1/nodes/:node_ident/traits', since: 37 } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** Add a trait */
  nodeTraitAdd: { id: 'node.trait.add', method: 'PUT', path: '/v1/nodes/:node_ident/traits/:trait', since: 37 } as Operation<{ node_ident: string; trait: string }, undefined, unknown, unknown>,
  /** Remove a trait */
  nodeTraitRemove: { id: 'node.trait.remove', method: 'DELETE', path: '/v1/nodes/:node_ident/traits/:trait', since: 37 } as Operation<{ node_ident: string; trait: string }, undefined, undefined, unknown>,
  /** List attached VIFs */
  nodeVifList: { id: 'node.vif.list', method: 'GET', path: '/v1/nodes/:node_ident/vifs', since: 28 } as Operation<{ node_ident: string }, undefined, undefined, NodeVifListResponse>,
  /** Attach a VIF */
  nodeVifAttach: { id: 'node.vif.attach', method: 'POST', path: '/v1/nodes/:node_ident/vifs', since: 28 } as Operation<{ node_ident: string }, undefined, NodeVifAttachBody, unknown>,
  /** Detach a VIF */
  nodeVifDetach: { id: 'node.vif.detach', method: 'DELETE', path: '/v1/nodes/:node_ident/vifs/:vif_id', since: 28 } as Operation<{ node_ident: string; vif_id: string }, undefined, undefined, unknown>,
  /** List child nodes */
  nodeChildList: { id: 'node.child.list', method: 'GET', path: '/v1/nodes/:node_ident/children', since: 83 } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** List BIOS settings */
  nodeBiosList: { id: 'node.bios.list', method: 'GET', path: '/v1/nodes/:node_ident/bios', since: 40 } as Operation<{ node_ident: string }, NodeBiosListQuery, undefined, Record<string, unknown>>,
  /** Show a BIOS setting */
  nodeBiosShow: { id: 'node.bios.show', method: 'GET', path: '/v1/nodes/:node_ident/bios/:setting', since: 40 } as Operation<{ node_ident: string; setting: string }, undefined, undefined, Record<string, unknown>>,
  /** List firmware components */
  nodeFirmwareList: { id: 'node.firmware.list', method: 'GET', path: '/v1/nodes/:node_ident/firmware', since: 86 } as Operation<{ node_ident: string }, NodeBiosListQuery, undefined, Record<string, unknown>>,
  /** Show what inspection found */
  nodeInventoryShow: { id: 'node.inventory.show', method: 'GET', path: '/v1/nodes/:node_ident/inventory', since: 81 } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** List what happened to a node */
  nodeHistoryList: { id: 'node.history.list', method: 'GET', path: '/v1/nodes/:node_ident/history', since: 78 } as Operation<{ node_ident: string }, NodeHistoryListQuery, undefined, Record<string, unknown>>,
  /** Show one entry of the history */
  nodeHistoryShow: { id: 'node.history.show', method: 'GET', path: '/v1/nodes/:node_ident/history/:event', since: 78 } as Operation<{ node_ident: string; event: string }, undefined, undefined, Record<string, unknown>>,
  /** Explain how the last boot of a node went and where it stopped */
  nodeBootExplain: { id: 'node.boot.explain', method: 'GET', path: '/v1/nodes/:node_ident/boot', since: 78 } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** List how operations spent their time, and how far the one in hand is */
  nodeTimelineList: { id: 'node.timeline.list', method: 'GET', path: '/v1/nodes/:node_ident/timeline', since: 78 } as Operation<{ node_ident: string }, NodeTimelineListQuery, undefined, Record<string, unknown>>,
  /** List what proves that a node was cleaned */
  nodeProofsList: { id: 'node.proofs.list', method: 'GET', path: '/v1/nodes/:node_ident/proofs', since: 78 } as Operation<{ node_ident: string }, NodeProofsListQuery, undefined, Record<string, unknown>>,
  /** Show what a node's firmware is to be like between instances */
  nodeBaselineShow: { id: 'node.baseline.show', method: 'GET', path: '/v1/nodes/:node_ident/baseline', since: 78 } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** Forget it: the next cleaning records anew */
  nodeBaselineDelete: { id: 'node.baseline.delete', method: 'DELETE', path: '/v1/nodes/:node_ident/baseline', since: 78 } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** Say what a deploy would do, what is missing, and how long it will take; touches nothing */
  nodeDeployPlan: { id: 'node.deploy-plan', method: 'POST', path: '/v1/nodes/:node_ident/deploy_plan', since: 78 } as Operation<{ node_ident: string }, undefined, NodeDeployPlanBody, Record<string, unknown>>,
  /** List drivers */
  driverList: { id: 'driver.list', method: 'GET', path: '/v1/drivers' } as Operation<undefined, DriverListQuery, undefined, DriverListResponse>,
  /** Show a driver */
  driverShow: { id: 'driver.show', method: 'GET', path: '/v1/drivers/:driver_name' } as Operation<{ driver_name: string }, NodeShowQuery, undefined, Record<string, unknown>>,
  /** List the keys of driver_info a driver reads */
  driverProperties: { id: 'driver.properties', method: 'GET', path: '/v1/drivers/:driver_name/properties' } as Operation<{ driver_name: string }, undefined, undefined, Record<string, unknown>>,
  /** List what logical disks may say */
  driverRaidProperties: { id: 'driver.raid-properties', method: 'GET', path: '/v1/drivers/:driver_name/raid/logical_disk_properties', since: 12 } as Operation<{ driver_name: string }, undefined, undefined, Record<string, unknown>>,
  /** List the vendor's functions of a driver */
  driverPassthruMethods: { id: 'driver.passthru.methods', method: 'GET', path: '/v1/drivers/:driver_name/vendor_passthru/methods' } as Operation<{ driver_name: string }, undefined, undefined, Record<string, unknown>>,
  /** Call a vendor's function of a driver */
  driverPassthruGet: { id: 'driver.passthru.get', method: 'GET', path: '/v1/drivers/:driver_name/vendor_passthru' } as Operation<{ driver_name: string }, NodePassthruGetQuery, undefined, unknown>,
  /** Call a vendor's function of a driver */
  driverPassthruPost: { id: 'driver.passthru.post', method: 'POST', path: '/v1/drivers/:driver_name/vendor_passthru' } as Operation<{ driver_name: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a driver */
  driverPassthruPut: { id: 'driver.passthru.put', method: 'PUT', path: '/v1/drivers/:driver_name/vendor_passthru' } as Operation<{ driver_name: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a driver */
  driverPassthruPatch: { id: 'driver.passthru.patch', method: 'PATCH', path: '/v1/drivers/:driver_name/vendor_passthru' } as Operation<{ driver_name: string }, NodePassthruGetQuery, unknown, unknown>,
  /** Call a vendor's function of a driver */
  driverPassthruDelete: { id: 'driver.passthru.delete', method: 'DELETE', path: '/v1/drivers/:driver_name/vendor_passthru' } as Operation<{ driver_name: string }, NodePassthruGetQuery, unknown, unknown>,
  /** List conductors */
  conductorList: { id: 'conductor.list', method: 'GET', path: '/v1/conductors', since: 49 } as Operation<undefined, ConductorListQuery, undefined, ConductorListResponse>,
  /** Show a conductor */
  conductorShow: { id: 'conductor.show', method: 'GET', path: '/v1/conductors/:hostname', since: 49 } as Operation<{ hostname: string }, NodeShowQuery, undefined, Record<string, unknown>>,
  /** List chassis */
  chassisList: { id: 'chassis.list', method: 'GET', path: '/v1/chassis' } as Operation<undefined, ChassisListQuery, undefined, ChassisListResponse>,
  /** Make a chassis */
  chassisCreate: { id: 'chassis.create', method: 'POST', path: '/v1/chassis' } as Operation<undefined, undefined, ChassisCreateBody, Chassis>,
  /** Show a chassis */
  chassisShow: { id: 'chassis.show', method: 'GET', path: '/v1/chassis/:chassis_uuid' } as Operation<{ chassis_uuid: string }, NodeShowQuery, undefined, Chassis>,
  /** Change fields of a chassis by JSON patch */
  chassisUpdate: { id: 'chassis.update', method: 'PATCH', path: '/v1/chassis/:chassis_uuid' } as Operation<{ chassis_uuid: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Chassis>,
  /** Delete a chassis */
  chassisDelete: { id: 'chassis.delete', method: 'DELETE', path: '/v1/chassis/:chassis_uuid' } as Operation<{ chassis_uuid: string }, undefined, undefined, unknown>,
  /** List chassis with all their fields */
  chassisListDetail: { id: 'chassis.list-detail', method: 'GET', path: '/v1/chassis/detail' } as Operation<undefined, ChassisListDetailQuery, undefined, ChassisListResponse>,
  /** List ports */
  portList: { id: 'port.list', method: 'GET', path: '/v1/ports' } as Operation<undefined, PortListQuery, undefined, PortListResponse>,
  /** Make a port */
  portCreate: { id: 'port.create', method: 'POST', path: '/v1/ports' } as Operation<undefined, undefined, PortCreateBody, Port>,
  /** Show a port */
  portShow: { id: 'port.show', method: 'GET', path: '/v1/ports/:port_ident' } as Operation<{ port_ident: string }, NodeShowQuery, undefined, Port>,
  /** Change fields of a port by JSON patch */
  portUpdate: { id: 'port.update', method: 'PATCH', path: '/v1/ports/:port_ident' } as Operation<{ port_ident: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Port>,
  /** Delete a port */
  portDelete: { id: 'port.delete', method: 'DELETE', path: '/v1/ports/:port_ident' } as Operation<{ port_ident: string }, undefined, undefined, unknown>,
  /** List ports with all their fields */
  portListDetail: { id: 'port.list-detail', method: 'GET', path: '/v1/ports/detail' } as Operation<undefined, PortListDetailQuery, undefined, PortListResponse>,
  /** List port groups */
  portgroupList: { id: 'portgroup.list', method: 'GET', path: '/v1/portgroups', since: 23 } as Operation<undefined, PortgroupListQuery, undefined, PortgroupListResponse>,
  /** Make a port group */
  portgroupCreate: { id: 'portgroup.create', method: 'POST', path: '/v1/portgroups', since: 23 } as Operation<undefined, undefined, PortgroupCreateBody, Portgroup>,
  /** Show a port group */
  portgroupShow: { id: 'portgroup.show', method: 'GET', path: '/v1/portgroups/:portgroup_ident', since: 23 } as Operation<{ portgroup_ident: string }, NodeShowQuery, undefined, Portgroup>,
  /** Change fields of a port group by JSON patch */
  portgroupUpdate: { id: 'portgroup.update', method: 'PATCH', path: '/v1/portgroups/:portgroup_ident', since: 23 } as Operation<{ portgroup_ident: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Portgroup>,
  /** Delete a port group */
  portgroupDelete: { id: 'portgroup.delete', method: 'DELETE', path: '/v1/portgroups/:portgroup_ident', since: 23 } as Operation<{ portgroup_ident: string }, undefined, undefined, unknown>,
  /** List port groups with all their fields */
  portgroupListDetail: { id: 'portgroup.list-detail', method: 'GET', path: '/v1/portgroups/detail', since: 23 } as Operation<undefined, PortgroupListDetailQuery, undefined, PortgroupListResponse>,
  /** List volume connectors */
  volumeConnectorList: { id: 'volume-connector.list', method: 'GET', path: '/v1/volume/connectors', since: 32 } as Operation<undefined, VolumeConnectorListQuery, undefined, VolumeConnectorListResponse>,
  /** Make a volume connector */
  volumeConnectorCreate: { id: 'volume-connector.create', method: 'POST', path: '/v1/volume/connectors', since: 32 } as Operation<undefined, undefined, VolumeConnectorCreateBody, VolumeConnector>,
  /** Show a volume connector */
  volumeConnectorShow: { id: 'volume-connector.show', method: 'GET', path: '/v1/volume/connectors/:connector_uuid', since: 32 } as Operation<{ connector_uuid: string }, NodeShowQuery, undefined, VolumeConnector>,
  /** Change fields of a volume connector by JSON patch */
  volumeConnectorUpdate: { id: 'volume-connector.update', method: 'PATCH', path: '/v1/volume/connectors/:connector_uuid', since: 32 } as Operation<{ connector_uuid: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], VolumeConnector>,
  /** Delete a volume connector */
  volumeConnectorDelete: { id: 'volume-connector.delete', method: 'DELETE', path: '/v1/volume/connectors/:connector_uuid', since: 32 } as Operation<{ connector_uuid: string }, undefined, undefined, unknown>,
  /** List volume targets */
  volumeTargetList: { id: 'volume-target.list', method: 'GET', path: '/v1/volume/targets', since: 32 } as Operation<undefined, VolumeConnectorListQuery, undefined, VolumeTargetListResponse>,
  /** Make a volume target */
  volumeTargetCreate: { id: 'volume-target.create', method: 'POST', path: '/v1/volume/targets', since: 32 } as Operation<undefined, undefined, VolumeTargetCreateBody, VolumeTarget>,
  /** Show a volume target */
  volumeTargetShow: { id: 'volume-target.show', method: 'GET', path: '/v1/volume/targets/:target_uuid', since: 32 } as Operation<{ target_uuid: string }, NodeShowQuery, undefined, VolumeTarget>,
  /** Change fields of a volume target by JSON patch */
  volumeTargetUpdate: { id: 'volume-target.update', method: 'PATCH', path: '/v1/volume/targets/:target_uuid', since: 32 } as Operation<{ target_uuid: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], VolumeTarget>,
  /** Delete a volume target */
  volumeTargetDelete: { id: 'volume-target.delete', method: 'DELETE', path: '/v1/volume/targets/:target_uuid', since: 32 } as Operation<{ target_uuid: string }, undefined, undefined, unknown>,
  /** List deploy templates */
  deployTemplateList: { id: 'deploy-template.list', method: 'GET', path: '/v1/deploy_templates', since: 55 } as Operation<undefined, ChassisListQuery, undefined, DeployTemplateListResponse>,
  /** Make a deploy template */
  deployTemplateCreate: { id: 'deploy-template.create', method: 'POST', path: '/v1/deploy_templates', since: 55 } as Operation<undefined, undefined, DeployTemplateCreateBody, DeployTemplate>,
  /** Show a deploy template */
  deployTemplateShow: { id: 'deploy-template.show', method: 'GET', path: '/v1/deploy_templates/:template_ident', since: 55 } as Operation<{ template_ident: string }, NodeShowQuery, undefined, DeployTemplate>,
  /** Change fields of a deploy template by JSON patch */
  deployTemplateUpdate: { id: 'deploy-template.update', method: 'PATCH', path: '/v1/deploy_templates/:template_ident', since: 55 } as Operation<{ template_ident: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], DeployTemplate>,
  /** Delete a deploy template */
  deployTemplateDelete: { id: 'deploy-template.delete', method: 'DELETE', path: '/v1/deploy_templates/:template_ident', since: 55 } as Operation<{ template_ident: string }, undefined, undefined, unknown>,
  /** List runbooks */
  runbookList: { id: 'runbook.list', method: 'GET', path: '/v1/runbooks', since: 92 } as Operation<undefined, ChassisListQuery, undefined, RunbookListResponse>,
  /** Make a runbook */
  runbookCreate: { id: 'runbook.create', method: 'POST', path: '/v1/runbooks', since: 92 } as Operation<undefined, undefined, RunbookCreateBody, Runbook>,
  /** Show a runbook */
  runbookShow: { id: 'runbook.show', method: 'GET', path: '/v1/runbooks/:runbook_ident', since: 92 } as Operation<{ runbook_ident: string }, NodeShowQuery, undefined, Runbook>,
  /** Change fields of a runbook by JSON patch */
  runbookUpdate: { id: 'runbook.update', method: 'PATCH', path: '/v1/runbooks/:runbook_ident', since: 92 } as Operation<{ runbook_ident: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Runbook>,
  /** Delete a runbook */
  runbookDelete: { id: 'runbook.delete', method: 'DELETE', path: '/v1/runbooks/:runbook_ident', since: 92 } as Operation<{ runbook_ident: string }, undefined, undefined, unknown>,
  /** List inspection rules */
  inspectionRuleList: { id: 'inspection-rule.list', method: 'GET', path: '/v1/inspection_rules', since: 96 } as Operation<undefined, ChassisListQuery, undefined, InspectionRuleListResponse>,
  /** Make an inspection rule */
  inspectionRuleCreate: { id: 'inspection-rule.create', method: 'POST', path: '/v1/inspection_rules', since: 96 } as Operation<undefined, undefined, InspectionRuleCreateBody, InspectionRule>,
  /** Show an inspection rule */
  inspectionRuleShow: { id: 'inspection-rule.show', method: 'GET', path: '/v1/inspection_rules/:rule_uuid', since: 96 } as Operation<{ rule_uuid: string }, NodeShowQuery, undefined, InspectionRule>,
  /** Change fields of an inspection rule by JSON patch */
  inspectionRuleUpdate: { id: 'inspection-rule.update', method: 'PATCH', path: '/v1/inspection_rules/:rule_uuid', since: 96 } as Operation<{ rule_uuid: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], InspectionRule>,
  /** Delete an inspection rule */
  inspectionRuleDelete: { id: 'inspection-rule.delete', method: 'DELETE', path: '/v1/inspection_rules/:rule_uuid', since: 96 } as Operation<{ rule_uuid: string }, undefined, undefined, unknown>,
  /** List ports of a node */
  nodePorts: { id: 'node.ports', method: 'GET', path: '/v1/nodes/:node_ident/ports' } as Operation<{ node_ident: string }, PortListQuery, undefined, PortListResponse>,
  /** List ports of a node with all their fields */
  nodePortsDetail: { id: 'node.ports-detail', method: 'GET', path: '/v1/nodes/:node_ident/ports/detail' } as Operation<{ node_ident: string }, PortListDetailQuery, undefined, PortListResponse>,
  /** List port groups of a node */
  nodePortgroups: { id: 'node.portgroups', method: 'GET', path: '/v1/nodes/:node_ident/portgroups', since: 24 } as Operation<{ node_ident: string }, PortgroupListQuery, undefined, PortgroupListResponse>,
  /** List port groups of a node with all their fields */
  nodePortgroupsDetail: { id: 'node.portgroups-detail', method: 'GET', path: '/v1/nodes/:node_ident/portgroups/detail', since: 24 } as Operation<{ node_ident: string }, PortgroupListDetailQuery, undefined, PortgroupListResponse>,
  /** List volume connectors of a node */
  nodeVolumeConnectors: { id: 'node.volume-connectors', method: 'GET', path: '/v1/nodes/:node_ident/volume/connectors', since: 32 } as Operation<{ node_ident: string }, VolumeConnectorListQuery, undefined, VolumeConnectorListResponse>,
  /** List volume targets of a node */
  nodeVolumeTargets: { id: 'node.volume-targets', method: 'GET', path: '/v1/nodes/:node_ident/volume/targets', since: 32 } as Operation<{ node_ident: string }, VolumeConnectorListQuery, undefined, VolumeTargetListResponse>,
  /** List nodes of a chassis */
  chassisNodes: { id: 'chassis.nodes', method: 'GET', path: '/v1/chassis/:chassis_uuid/nodes' } as Operation<{ chassis_uuid: string }, NodeListQuery, undefined, NodeListResponse>,
  /** List nodes of a chassis with all their fields */
  chassisNodesDetail: { id: 'chassis.nodes-detail', method: 'GET', path: '/v1/chassis/:chassis_uuid/nodes/detail' } as Operation<{ chassis_uuid: string }, NodeListDetailQuery, undefined, NodeListResponse>,
  /** List ports of a port group */
  portgroupPorts: { id: 'portgroup.ports', method: 'GET', path: '/v1/portgroups/:portgroup_ident/ports', since: 24 } as Operation<{ portgroup_ident: string }, PortListQuery, undefined, PortListResponse>,
  /** List ports of a port group with all their fields */
  portgroupPortsDetail: { id: 'portgroup.ports-detail', method: 'GET', path: '/v1/portgroups/:portgroup_ident/ports/detail', since: 24 } as Operation<{ portgroup_ident: string }, PortListDetailQuery, undefined, PortListResponse>,
  /** Show where volumes are */
  volumeRoot: { id: 'volume.root', method: 'GET', path: '/v1/volume', since: 32 } as Operation<undefined, undefined, undefined, Record<string, unknown>>,
  /** Show where the volumes of a node are */
  nodeVolume: { id: 'node.volume', method: 'GET', path: '/v1/nodes/:node_ident/volume', since: 32 } as Operation<{ node_ident: string }, undefined, undefined, Record<string, unknown>>,
  /** List allocations */
  allocationList: { id: 'allocation.list', method: 'GET', path: '/v1/allocations', since: 52 } as Operation<undefined, AllocationListQuery, undefined, AllocationListResponse>,
  /** Make an allocation */
  allocationCreate: { id: 'allocation.create', method: 'POST', path: '/v1/allocations', since: 52 } as Operation<undefined, undefined, AllocationCreateBody, Allocation>,
  /** Show an allocation */
  allocationShow: { id: 'allocation.show', method: 'GET', path: '/v1/allocations/:allocation_ident', since: 52 } as Operation<{ allocation_ident: string }, NodeShowQuery, undefined, Allocation>,
  /** Change fields of an allocation by JSON patch */
  allocationUpdate: { id: 'allocation.update', method: 'PATCH', path: '/v1/allocations/:allocation_ident', since: 57 } as Operation<{ allocation_ident: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], Allocation>,
  /** Delete an allocation */
  allocationDelete: { id: 'allocation.delete', method: 'DELETE', path: '/v1/allocations/:allocation_ident', since: 52 } as Operation<{ allocation_ident: string }, undefined, undefined, unknown>,
  /** Show the allocation of a node */
  nodeAllocation: { id: 'node.allocation', method: 'GET', path: '/v1/nodes/:node_ident/allocation', since: 52 } as Operation<{ node_ident: string }, NodeShowQuery, undefined, Allocation>,
  /** Delete the allocation of a node */
  nodeAllocationDelete: { id: 'node.allocation-delete', method: 'DELETE', path: '/v1/nodes/:node_ident/allocation', since: 52 } as Operation<{ node_ident: string }, undefined, undefined, unknown>,
  /** List shards and how many nodes each has */
  shardList: { id: 'shard.list', method: 'GET', path: '/v1/shards', since: 82 } as Operation<undefined, undefined, undefined, ShardListResponse>,
  /** Tell of changes to ports of the network service */
  eventPost: { id: 'event.post', method: 'POST', path: '/v1/events', since: 54 } as Operation<undefined, undefined, EventPostBody, unknown>,
  /** List traits of a runbook */
  runbookTraits: { id: 'runbook.traits', method: 'GET', path: '/v1/runbooks/:runbook_ident/traits', since: 112 } as Operation<{ runbook_ident: string }, undefined, undefined, NodeTraitListResponse>,
  /** Replace the traits of a runbook */
  runbookTraitsSet: { id: 'runbook.traits-set', method: 'PUT', path: '/v1/runbooks/:runbook_ident/traits', since: 112 } as Operation<{ runbook_ident: string }, undefined, NodeTraitListResponse, unknown>,
  /** Remove all traits of a runbook */
  runbookTraitsClear: { id: 'runbook.traits-clear', method: 'DELETE', path: '/v1/runbooks/:runbook_ident/traits', since: 112 } as Operation<{ runbook_ident: string }, undefined, undefined, unknown>,
  /** Add a trait to a runbook */
  runbookTraitAdd: { id: 'runbook.trait-add', method: 'PUT', path: '/v1/runbooks/:runbook_ident/traits/:trait', since: 112 } as Operation<{ runbook_ident: string; trait: string }, undefined, undefined, unknown>,
  /** Remove a trait of a runbook */
  runbookTraitRemove: { id: 'runbook.trait-remove', method: 'DELETE', path: '/v1/runbooks/:runbook_ident/traits/:trait', since: 112 } as Operation<{ runbook_ident: string; trait: string }, undefined, undefined, unknown>,
  /** Tell a ramdisk which node it runs on */
  ramdiskLookup: { id: 'ramdisk.lookup', method: 'GET', path: '/v1/lookup', since: 22 } as Operation<undefined, RamdiskLookupQuery, undefined, Record<string, unknown>>,
  /** Hear that a ramdisk is alive */
  ramdiskHeartbeat: { id: 'ramdisk.heartbeat', method: 'POST', path: '/v1/heartbeat/:node_ident', since: 22 } as Operation<{ node_ident: string }, undefined, RamdiskHeartbeatBody, unknown>,
  /** Take the report of an inspection ramdisk */
  ramdiskContinueInspection: { id: 'ramdisk.continue-inspection', method: 'POST', path: '/v1/continue_inspection' } as Operation<undefined, RamdiskContinueInspectionQuery, Record<string, unknown>, RamdiskContinueInspectionResponse>,
};
