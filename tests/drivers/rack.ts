import { expect } from 'vitest';
import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import type { Bmc } from '#lab/bmc/bmc';
import type { Traits } from '#lab/bmc/traits';
import type { Ledger } from '#lab/ledger';
import type { SimulatedMachine } from '#lab/machine/simulated/machine';
import type { MachineWish } from '#lab/machine/spec';
import { type Lab, startLab } from '#lab/up';
import type { DriverCall, HardwareType, InterfaceRegistry, NodeInterfaces } from '#baremetal/drivers/contract';
import { memoryMachines } from '#baremetal/model/fake-machine';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { fakeInterfaces } from '#baremetal/drivers/fake/hardware';
import { INTERFACE_KINDS } from '#baremetal/model/interfaces';
import type { Guest, Reached, Subject } from '#baremetal/drivers/conformance/suite';
import type { Document, Node } from '#baremetal/model/node';

export const USER = 'admin';
export const PASSWORD = 'lab-secret-1';

/** One simulated machine whose BMC answers on loopback. */
export interface LabMachine {
  lab: Lab;
  bmc: Bmc;
  ledger: Ledger;
  machine: SimulatedMachine;
  redfish: { readonly url: string };
  ipmi: { readonly port: number };
  close(): Promise<void>;
}

let count = 0;

export async function labMachine(traits: Partial<Traits> = {}, wish: Partial<MachineWish> = {}): Promise<LabMachine> {
  const lab = await startLab({
    kind: 'simulated',
    machines: [{ name: `m${++count}`, ...wish }],
    credentials: { name: USER, password: PASSWORD },
    control: null,
    traits,
  });
  const [one] = lab.machines;
  if (one === undefined) throw new Error('an empty lab');
  const machine = one.machine as SimulatedMachine;
  machine.install('sata1', 'linux');
  const { bmc, redfish, ipmi } = one;
  return { lab, bmc, ledger: lab.ledger, machine, redfish, ipmi, close: () => lab.close() };
}

/** A node as drivers see it. */
export function nodeOf(driver: string, driverInfo: Document, password: Record<string, string>): Node {
  const uuid = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  const secrets = Object.fromEntries(Object.entries(password).map(([key, value]) => [key, new Secret<unknown>(value)]));
  return {
    uuid,
    driver,
    driverInfo,
    driverInternalInfo: {},
    properties: {},
    targetRaidConfig: {},
    fence: 1n,
    secrets: { driverInfo: secrets, instanceInfo: {}, driverInternalInfo: {} },
  } as unknown as Node;
}

export function redfishNode(lab: LabMachine, more: Document = {}): Node {
  const info = {
    redfish_address: lab.redfish.url,
    redfish_username: USER,
    redfish_verify_ca: false,
    ...more,
  };
  return nodeOf('redfish', info, { redfish_password: PASSWORD });
}

/**
 * A driver's interfaces: of each kind the first supported one that is there without a conductor around it (those of
 * the ramdisk and of the boot service need one).
 */
export function interfacesOf(type: HardwareType, own: Partial<InterfaceRegistry>): NodeInterfaces {
  const absent = fakeInterfaces(memoryMachines(), DEFAULT_CONDUCTOR_CONFIG.fake, systemClock);
  return Object.fromEntries(
    INTERFACE_KINDS.map((kind) => {
      const all = type.supported[kind].map((name) => own[kind]?.get(name) ?? absent[kind].get(name));
      return [kind, all.find((one) => one !== undefined)];
    }),
  ) as unknown as NodeInterfaces;
}

/** A call whose notes go into the node's driver_internal_info at once. */
export function callOf(interfaces: NodeInterfaces, node: Node, may = () => {}, resumed = false): DriverCall {
  const call: DriverCall = {
    node,
    purpose: 'clean',
    saveNotes: async () => {},
    mark: () => {},
    resumed,
    signal: new AbortController().signal,
    lease: { host: 'h', incarnation: 'i', held: true, assertHeld: may },
    interfaces,
    notes: {
      internal: (keys) => {
        for (const [key, value] of Object.entries(keys)) {
          if (value === undefined) delete node.driverInternalInfo[key];
          else node.driverInternalInfo[key] = value;
        }
      },
      raidConfig: (config) => {
        node.raidConfig = config;
      },
      bootMode: () => {},
      secureBoot: () => {},
    },
    power: {
      on: () => until(call, 'power on'),
      off: () => until(call, 'power off'),
      async reboot() {
        await until(call, 'power off');
        await until(call, 'power on');
      },
    },
    assertMayWrite: may,
  };
  return call;
}

async function until(call: DriverCall, want: 'power on' | 'power off'): Promise<void> {
  const { power } = call.interfaces;
  await (want === 'power on' ? power.on(call) : power.off(call));
  const deadline = performance.now() + 20_000;
  while ((await power.get(call)) !== want) {
    if (performance.now() > deadline) throw new Error(`not ${want} in time`);
    await systemClock.sleep(20);
  }
}

/** Power actions that really happened to the machine, in order. */
export function powerActions(lab: LabMachine): string[] {
  return lab.ledger.list({ kind: 'action', action: 'power.' }).map((one) => one.action);
}

export function ipmiNode(lab: LabMachine, more: Document = {}, secrets: Record<string, string> = {}): Node {
  const info = { ipmi_address: '127.0.0.1', ipmi_port: lab.ipmi.port, ipmi_username: USER, ...more };
  return nodeOf('ipmi', info, { ipmi_password: PASSWORD, ...secrets });
}

/** The end of a lab machine's serial line that is inside it. */
function guestOf(lab: LabMachine): Guest {
  const { serial } = lab.machine;
  let heard = '';
  serial.connectGuest((bytes) => {
    heard += bytes.toString('latin1');
  });
  return { says: (text) => serial.fromGuest(Buffer.from(text)), heard: () => heard };
}

/** What the conformance suite needs of lab machines; `make` makes one and its node, `writes` counts. */
export function labSubject(
  interfaces: NodeInterfaces,
  make: () => Promise<{ lab: LabMachine; node: Node }>,
  writes: (lab: LabMachine) => number,
): Subject & { close(): Promise<void> } {
  const labs = new Map<string, LabMachine>();
  const labOf = ({ uuid }: Node) => {
    const lab = labs.get(uuid);
    if (lab === undefined) throw new Error('not a node of this suite');
    return lab;
  };
  return {
    interfaces,
    async node() {
      const { lab, node } = await make();
      labs.set(node.uuid, lab);
      return node;
    },
    call: (node, may) => callOf(interfaces, node, may),
    writes: async (node) => writes(labOf(node)),
    reached: async (node) => powerActions(labOf(node)).map((one) => one.replace('power.', '') as Reached),
    booted: (node) =>
      eventually(
        () => labOf(node).machine.guest,
        (guest) => expect(guest).toBeDefined(),
      ),
    powerMs: 20_000,
    guest: (node) => guestOf(labOf(node)),
    async close() {
      await Promise.all([...labs.values()].map((lab) => lab.close()));
      labs.clear();
    },
  };
}

/** As `expect.poll`, for tests that run beside each other: that one must know which of them it is in. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  holds: (now: T) => void,
  timeoutMs = 30_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const now = await look();
    try {
      holds(now);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await systemClock.sleep(40);
  }
}
