import { writeSync } from 'node:fs';
import { messageOf } from '#kernel/errors';
import type { MachineWish } from './machine/spec.ts';
import { type BmcPlace, type Lab, startLab } from './up.ts';

/** What the launcher outside tells the lab inside, as one JSON argument. */
export interface InsideWish {
  machines: readonly MachineWish[];
  dir: string;
  credentials: { name: string; password: string };
  /** Where each BMC listens; descriptors are counted from 3, in the order they were passed. */
  places: readonly BmcPlace[];
  controlFd: number | null;
  /** Legs of the host in VLANs of the switch; addresses with their prefix length. */
  legs: readonly { ifname: string; vlan: number; address: string; address6?: string }[];
  /** Cables from the switch to this host, for bridges of others: their end here, and the VLANs they carry tagged. */
  uplinks?: readonly { ifname: string; vlans: readonly number[] }[];
  /** The VLAN the machines' ports are in at first. Default 1. */
  vlan?: number;
}

/** The first line on standard output once the lab runs. */
export interface InsideReady {
  ready: true;
  machines: Record<string, unknown>[];
  switch: LabSwitchFacts;
}

/** The rack's switch, as somebody would register it who drives it. */
export interface LabSwitchFacts {
  /** `unix:…`: reached by whoever sees our files. */
  ovsdb: string;
  bridge: string;
  chassisId: string;
}

/**
 * The lab's main program inside its namespace: starts the lab with its switch, says so on standard output, and
 * ends when standard input does.
 */
export async function runInside(wish: InsideWish): Promise<void> {
  let lab: Lab;
  try {
    lab = await startLab({
      machines: wish.machines,
      dir: wish.dir,
      credentials: wish.credentials,
      place: (index) => wish.places[index] ?? { address: '127.0.0.1', redfishPort: 0, ipmiPort: 0 },
      control: wish.controlFd === null ? null : { fd: wish.controlFd },
      network: true,
      ...(wish.vlan === undefined ? {} : { vlan: wish.vlan }),
    });
    for (const { ifname, vlan, address, address6 } of wish.legs) {
      await lab.switch?.addHostLeg(ifname, vlan, address, ...(address6 === undefined ? [] : [address6]));
    }
    for (const { ifname, vlans } of wish.uplinks ?? []) await lab.switch?.addCable(ifname, { mode: 'trunk', vlans });
  } catch (error) {
    say({ ready: false, error: messageOf(error) });
    throw error;
  }
  const { ovsdb = '', bridge = '', chassisId = '' } = lab.switch ?? {};
  const ready: InsideReady = {
    ready: true,
    machines: lab.machines.map((m) => m.describe()),
    switch: { ovsdb, bridge, chassisId },
  };
  say(ready);
  await new Promise<void>((resolve) => {
    process.stdin.on('end', resolve);
    process.stdin.on('error', () => resolve());
    process.stdin.resume();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await lab.close();
}

function say(line: unknown): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
