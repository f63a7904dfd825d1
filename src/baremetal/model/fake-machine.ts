import type { Document } from './node.ts';

/** A machine that exists only in the database, so that any conductor finds it as the last one left it. */
export interface FakeMachine {
  power: 'power on' | 'power off';
  /** A power change the machine has accepted but not finished. `at`: milliseconds since the epoch. */
  becoming: { power: 'power on' | 'power off'; at: number } | null;
  bootDevice: { device: string; persistent: boolean };
  bootMode: 'uefi' | 'bios';
  secureBoot: boolean;
  indicators: Record<string, string>;
  bios: Record<string, string>;
  raid: Document;
  firmware: Record<string, string>;
  media: Document[];
  vifs: string[];
  network: string;
}

/** A fresh machine: off, booting from the network once, as Ironic's fake driver says. */
export const NEW_MACHINE: FakeMachine = {
  power: 'power off',
  becoming: null,
  bootDevice: { device: 'pxe', persistent: false },
  bootMode: 'uefi',
  secureBoot: false,
  indicators: { 'led@system': 'off', 'led-0@chassis': 'on' },
  bios: { BootMode: 'Uefi', HyperThreading: 'Enabled', NumaNodesPerSocket: '1' },
  raid: {},
  firmware: { bios: '1.0.0', bmc: '1.0.0' },
  media: [],
  vifs: [],
  network: 'nothing',
};

/** One thing done to a machine, as its ledger tells it. */
export interface FakeAction {
  /** `power on`, `force off`, `nmi`, `set boot device`… */
  action: string;
  detail?: Document;
  /** Under whose right. */
  incarnation: string;
  fence: bigint;
}

/**
 * Where fake machines live. A write is one action on one machine: it calls `may` in the tick in which it leaves
 * this process and does nothing when that throws.
 */
export interface FakeMachines {
  read(nodeUuid: string): Promise<FakeMachine>;
  write(nodeUuid: string, patch: Partial<FakeMachine>, action: FakeAction, may: () => void): Promise<void>;
}

/** Machines in memory, for unit tests and the conformance suite. */
export function memoryMachines(): FakeMachines & { ledger: (FakeAction & { nodeUuid: string })[] } {
  const machines = new Map<string, FakeMachine>();
  const ledger: (FakeAction & { nodeUuid: string })[] = [];
  return {
    ledger,
    read: async (nodeUuid) => structuredClone(machines.get(nodeUuid) ?? NEW_MACHINE),
    write: async (nodeUuid, patch, action, may) => {
      may();
      machines.set(nodeUuid, { ...(machines.get(nodeUuid) ?? NEW_MACHINE), ...structuredClone(patch) });
      ledger.push({ nodeUuid, ...action });
    },
  };
}
