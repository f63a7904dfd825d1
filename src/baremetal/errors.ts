import { defineErrors } from '#kernel/errors';

/**
 * Errors of the Bare Metal service. Codes are ours and stable; statuses and the wording clients match on are
 * Ironic's (`ironic/common/exception.py`).
 */
export const errors = defineErrors({
  // 400
  Invalid: [400, (text: string) => text],
  InvalidParameterValue: [400, (text: string) => text],
  MissingParameterValue: [400, (text: string) => text],
  UnexpectedArguments: [400, (names: string) => `Unexpected arguments: ${names}`],
  InvalidFields: [400, (names: string) => `Field(s) "${names}" are not valid`],
  InvalidUuidOrName: [400, (name: string) => `Expected a logical name or UUID but received ${name}.`],
  InvalidConductorGroup: [400, (group: string) => `Expected a conductor group but received ${group}.`],
  InvalidSwitchId: [400, (id: string) => `Expected a MAC address or OpenFlow datapath ID but received ${id}.`],
  InvalidStateRequested: [
    400,
    (action: string, node: string, state: string) =>
      `The requested action "${action}" can not be performed on node "${node}" while it is in state "${state}".`,
  ],
  NodeInMaintenance: [
    400,
    (op: string, node: string) =>
      `The ${op} operation can't be performed on node ${node} because it's in maintenance mode.`,
  ],
  NodeIsRetired: [
    400,
    (op: string, node: string) => `The ${op} operation can't be performed on node ${node} because it is retired.`,
  ],
  NoValidHost: [400, (reason: string) => `No valid host was found. Reason: ${reason}`],
  InterfaceNotFound: [
    400,
    (kind: string, name: string, valid: string) =>
      `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ${name}. ` +
      `Valid interfaces are ${valid}.`,
  ],
  IncompatibleInterface: [
    400,
    (kind: string, name: string, driver: string) =>
      `${kind} interface implementation '${name}' is not supported by hardware type ${driver}.`,
  ],
  NoValidDefaultForInterface: [
    400,
    (node: string, driver: string, kind: string) =>
      `For node ${node} with hardware type '${driver}', no default value found for ${kind} interface could be ` +
      'determined. Please ensure the interfaces are enabled.',
  ],
  UnsupportedDriverExtension: [
    400,
    (driver: string, extension: string) =>
      `Driver ${driver} does not support ${extension} (disabled or not implemented).`,
  ],
  StepNotAllowed: [
    400,
    (kind: string, step: string) =>
      `${kind} step '${step}' is not allowed. Disallowed by operator configuration [api]disallow_${kind}_steps.`,
  ],
  BootModeNotAllowed: [400, (mode: string, op: string) => `'${mode}' boot mode is not allowed for ${op} operation.`],
  NoFreePhysicalPorts: [400, (vif: string) => `Unable to attach VIF ${vif}, not enough free physical ports.`],
  VifNotAttached: [
    400,
    (vif: string, node: string) => `Unable to detach VIF ${vif} from node ${node} because it is not attached to it.`,
  ],
  NodeConsoleNotEnabled: [400, (node: string) => `Console access is not enabled on node ${node}`],
  NameReserved: [
    400,
    (name: string, reserved: string) =>
      `The word "${name}" is reserved and can not be used as a node name. Reserved words are: ${reserved}.`,
  ],

  // 403
  Forbidden: [403, (rule: string) => `Access was denied to the following resource: ${rule}`],
  StepForbidden: [
    403,
    (step: string, on: string) => `insufficient privileges to execute step ${step} on interface ${on}`,
  ],
  OperationNotPermitted: [403, () => 'Operation not permitted.'],
  EraseUnproven: [
    409,
    (node: string) =>
      `Node ${node} does not become available: no step of this cleaning erased its disks. ` +
      'Either the ramdisk offers no erase step, or all of them were switched off.',
  ],
  FirmwareDiffers: [
    409,
    (node: string, what: string) =>
      `The firmware of node ${node} is not as it was recorded: ${what}. Put it right, or have it recorded anew.`,
  ],
  FirmwareUnread: [
    409,
    (node: string) => `The firmware of node ${node} could not be read, so that nobody knows whether it is as recorded.`,
  ],
  NodeProtected: [403, (node: string) => `Node ${node} is protected and cannot be undeployed, rebuilt or deleted`],

  // 404
  NotFound: [404, () => 'Resource could not be found.'],
  NodeNotFound: [404, (node: string) => `Node ${node} could not be found.`],
  PortNotFound: [404, (port: string) => `Port ${port} could not be found.`],
  PortgroupNotFound: [404, (portgroup: string) => `Portgroup ${portgroup} could not be found.`],
  ChassisNotFound: [404, (chassis: string) => `Chassis ${chassis} could not be found.`],
  ConductorNotFound: [404, (host: string) => `Conductor ${host} could not be found.`],
  DriverNotFound: [404, (driver: string) => `Could not find the following driver(s) or hardware type(s): ${driver}.`],
  AllocationNotFound: [404, (allocation: string) => `Allocation ${allocation} could not be found.`],
  NodeTraitNotFound: [404, (node: string, trait: string) => `Node ${node} doesn't have a trait '${trait}'`],
  BiosSettingNotFound: [404, (node: string, name: string) => `Node ${node} doesn't have a BIOS setting '${name}'`],
  NodeHistoryNotFound: [404, (id: string) => `Node history record ${id} could not be found.`],
  NodeInventoryNotFound: [404, (node: string) => `Node inventory record for node ${node} could not be found.`],
  RaidNotSupported: [404, (driver: string) => `Driver ${driver} does not support raid (disabled or not implemented).`],
  NoAllocationForNode: [404, (node: string) => `Allocation for node ${node} was not found`],
  VolumeConnectorNotFound: [404, (id: string) => `Volume connector ${id} could not be found.`],
  VolumeTargetNotFound: [404, (id: string) => `Volume target ${id} could not be found.`],
  DeployTemplateNotFound: [404, (id: string) => `Deploy template ${id} could not be found.`],
  RunbookNotFound: [404, (id: string) => `Runbook ${id} could not be found.`],
  RunbookTraitNotFound: [404, (id: string, trait: string) => `Runbook ${id} doesn't have a trait '${trait}'`],
  InspectionRuleNotFound: [404, (id: string) => `Inspection rule ${id} could not be found.`],
  NeedsVersion: [404, (minor: number) => `This endpoint is supported starting with the API version 1.${minor}`],

  // 406
  NotAcceptable: [406, () => 'Request not acceptable.'],
  NotAcceptableBelow: [
    406,
    (minor: number) => `Request not acceptable. The minimal required API version should be 1.${minor}`,
  ],

  // 409
  Conflict: [409, (text: string) => text],
  InvalidState: [409, (text: string) => text],
  NodeAlreadyExists: [409, (uuid: string) => `A node with UUID ${uuid} already exists.`],
  DuplicateName: [409, (name: string) => `A node with name ${name} already exists.`],
  InstanceAssociated: [
    409,
    (instance: string, node: string) =>
      `Instance ${instance} is already associated with a node, it cannot be associated with this other node ${node}`,
  ],
  NodeAssociated: [409, (node: string, instance: string) => `Node ${node} is associated with instance ${instance}.`],
  NodeLocked: [
    409,
    (node: string, host: string) =>
      `Node ${node} is locked by host ${host}, please retry after the current operation is completed.`,
  ],
  MacAlreadyExists: [409, (mac: string) => `A port with MAC address ${mac} already exists.`],
  PortAlreadyExists: [409, (uuid: string) => `A port with UUID ${uuid} already exists.`],
  PortDuplicateName: [409, (name: string) => `A port with name ${name} already exists.`],
  PowerStateFailure: [409, (state: string) => `Failed to set node power state to ${state}.`],
  VifAlreadyAttached: [
    409,
    (vif: string, kind: string, uuid: string) =>
      `Unable to attach VIF because VIF ${vif} is already attached to Ironic ${kind} ${uuid}`,
  ],
  VifInvalidForAttach: [
    409,
    (vif: string, node: string, reason: string) => `Unable to attach VIF ${vif} to node ${node}. Reason: ${reason}`,
  ],
  EditRace: [409, (what: string) => `${what} was changed by others while it was being edited, please retry.`],

  // 412
  PreconditionFailed: [412, (what: string) => `${what} is not at the revision given in If-Match.`],

  // 503
  TemporaryFailure: [503, () => 'Resource temporarily unavailable, please retry.'],
});
