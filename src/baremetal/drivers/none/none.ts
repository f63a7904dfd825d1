import { errors } from '../../errors.ts';
import type { Node } from '../../model/node.ts';
import type {
  BiosInterface,
  ConsoleInterface,
  DeployInterface,
  FirmwareInterface,
  InspectInterface,
  RaidInterface,
  RescueInterface,
  StorageInterface,
  VendorInterface,
} from '../contract.ts';

// The implementations for what a machine does not have. Each refuses with Ironic's words.

const refuse = (node: Node, what: string): never => {
  throw errors.UnsupportedDriverExtension(node.driver, what);
};

const none = (name: string, what: string) => ({
  name,
  properties: {},
  validate: (node: Node) => refuse(node, what),
});

export const noBios: BiosInterface = {
  ...none('no-bios', 'bios'),
  settings: async (call) => refuse(call.node, 'bios'),
};

export const noFirmware: FirmwareInterface = {
  ...none('no-firmware', 'firmware'),
  components: async (call) => refuse(call.node, 'firmware'),
};

export const noConsole: ConsoleInterface = {
  ...none('no-console', 'console'),
  enabled: false,
  start: async (call) => refuse(call.node, 'console'),
  stop: async (call) => refuse(call.node, 'console'),
  info: () => null,
};

export const noInspect: InspectInterface = {
  ...none('no-inspect', 'inspect'),
  inspect: async (call) => refuse(call.node, 'inspect'),
  collect: async (call) => refuse(call.node, 'inspect'),
  abort: async (call) => refuse(call.node, 'inspect'),
};

export const noRaid: RaidInterface = { ...none('no-raid', 'raid'), logicalDiskProperties: {} };

export const noRescue: RescueInterface = {
  ...none('no-rescue', 'rescue'),
  rescue: async (call) => refuse(call.node, 'rescue'),
  unrescue: async (call) => refuse(call.node, 'rescue'),
  cleanUp: async () => {},
};

export const noVendor: VendorInterface = { ...none('no-vendor', 'vendor'), methods: [], driverMethods: [] };

/** No volumes, which is right for machines that boot from their disks. */
export const noopStorage: StorageInterface = {
  name: 'noop',
  properties: {},
  validate: () => {},
  attach: async () => {},
  detach: async () => {},
};

/** Deploys nothing: somebody else puts the system on the machine. */
export const noopDeploy: DeployInterface = {
  name: 'noop',
  properties: {},
  validate: () => {},
  steps: () => [
    { interface: 'deploy', step: 'deploy', priority: 100, kinds: ['deploy'], run: async () => ({ kind: 'done' }) },
  ],
  prepare: async () => {},
  cleanUp: async () => {},
  prepareCleaning: async () => ({ kind: 'done' }),
  tearDownCleaning: async () => {},
  prepareService: async () => ({ kind: 'done' }),
  tearDownService: async () => {},
  tearDown: async () => {},
  takeOver: async () => {},
};
