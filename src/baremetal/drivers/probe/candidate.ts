import { Secret } from '#kernel/secret';
import type { ConductorLease } from '#work/contract';
import { INTERFACE_KINDS } from '../../model/interfaces.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, NodeInterfaces, PowerControl } from '../contract.ts';

const NO_NODE = '00000000-0000-0000-0000-000000000000';

/** A node that is not there yet, for drivers to read its machine. */
export function candidateNode(driver: 'redfish' | 'ipmi', info: Document, password: Secret | null): Node {
  const kinds = INTERFACE_KINDS.map((kind) => [kind, driver]);
  return {
    uuid: NO_NODE,
    name: null,
    driver,
    interfaces: Object.fromEntries(kinds) as Node['interfaces'],
    resourceClass: null,
    conductorGroup: '',
    owner: null,
    lessee: null,
    instanceUuid: null,
    instanceName: null,
    provisionState: 'enroll',
    targetProvisionState: null,
    powerState: null,
    targetPowerState: null,
    maintenance: false,
    fault: null,
    protected: false,
    retired: false,
    automatedClean: null,
    consoleEnabled: false,
    disablePowerOff: false,
    properties: {},
    extra: {},
    driverInfo: info,
    instanceInfo: {},
    driverInternalInfo: {},
    secrets: {
      driverInfo: password === null ? {} : { [`${driver}_password`]: password },
      instanceInfo: {},
      driverInternalInfo: {},
    },
    networkData: {},
    raidConfig: {},
    targetRaidConfig: {},
    traits: [],
    cleanStep: {},
    deployStep: {},
    serviceStep: {},
    operationId: null,
    operation: null,
    reservation: null,
    fence: 0n,
    revision: 0n,
  };
}

const refuse = () => {
  throw new TypeError('a probe only reads');
};
const NO_POWER: PowerControl = { on: async () => refuse(), off: async () => refuse(), reboot: async () => refuse() };

/** A call that may only read. `noted` gets what the driver wants remembered. */
export function readingCall(node: Node, lease: ConductorLease, signal: AbortSignal, noted: Document = {}): DriverCall {
  return {
    node,
    purpose: 'probe',
    resumed: false,
    power: NO_POWER,
    notes: {
      internal: (keys) => void Object.assign(noted, keys),
      raidConfig: () => {},
      bootMode: () => {},
      secureBoot: () => {},
    },
    saveNotes: async () => {},
    mark: () => {},
    // drivers reach their own machine only
    interfaces: {} as NodeInterfaces,
    signal,
    assertMayWrite: refuse,
    lease,
  };
}
