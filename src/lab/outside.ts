import type { ChildProcess } from 'node:child_process';
import { type Clock, systemClock } from '#kernel/clock';
import { gone } from './bound.ts';
import { Doors } from './doors.ts';
import type { InsideWish, LabSwitchFacts } from './inside.ts';
import type { Credentials } from './lab-machine.ts';
import type { MachineWish } from './machine/spec.ts';
import { requireNamespaces, startInside } from './namespace.ts';
import { labReady } from './ready.ts';
import type { BmcPlace } from './up.ts';
import { openWorkdir } from './workdir.ts';

export interface RackOptions {
  machines: readonly MachineWish[];
  /** How to start `inside.ts` there: program and arguments; the wish's JSON is added as the last. */
  inside: { program: string; args: readonly string[] };
  credentials?: Credentials;
  /** Address and ports of the BMCs on this host; machine i gets port + i. 0: any free. */
  address?: string;
  redfishPort?: number;
  ipmiPort?: number;
  controlPort?: number;
  /** Keeps disks and firmware; default a temporary folder. */
  dir?: string;
  legs?: InsideWish['legs'];
  clock?: Clock;
}

/** A lab that runs in a namespace of its own while its BMCs and its control API answer on this host. */
export interface Rack extends AsyncDisposable {
  /** As the control API describes them, with their addresses on this host. */
  machines: Record<string, unknown>[];
  switch: LabSwitchFacts;
  controlUrl: string;
  credentials: Credentials;
  /** The process that holds the namespace; `nsenter -t <pid> -U -n` goes in. */
  pid: number;
  /** Resolves when the lab is gone, whoever ended it. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** From start to all BMCs answering, per machine; generous, for firmware files are copied and taps are made. */
const START_MS = 60_000;

/**
 * Starts a rack of emulated machines with their switch, unprivileged. Throws LabSwitch, LabMissingProgram, and
 * what the lab inside said when it did not start.
 */
export async function startRack(options: RackOptions): Promise<Rack> {
  await requireNamespaces();
  const clock = options.clock ?? systemClock;
  const credentials = options.credentials ?? { name: 'admin', password: 'password' };
  const address = options.address ?? '127.0.0.1';
  const workdir = await openWorkdir(options.dir);
  const doors = new Doors();
  let child: ChildProcess | undefined;
  try {
    const controlFd = await doors.tcp('127.0.0.1', options.controlPort ?? 0);
    const controlUrl = `http://127.0.0.1:${doors.lastPort}`;
    const places: BmcPlace[] = [];
    for (const index of options.machines.keys()) {
      const at = (port: number | undefined) => (port ? port + index : 0);
      const redfishFd = await doors.tcp(address, at(options.redfishPort));
      const redfishPort = doors.lastPort;
      const ipmiFd = await doors.udp(address, at(options.ipmiPort));
      places.push({ address, redfishPort, ipmiPort: doors.lastPort, redfishFd, ipmiFd });
    }
    const wish: InsideWish = {
      machines: options.machines,
      dir: workdir.dir,
      credentials,
      places,
      controlFd,
      legs: options.legs ?? [],
    };
    const { program, args } = options.inside;
    child = startInside({ program, args: [...args, JSON.stringify(wish)], fds: doors.fds });
    const ready = await labReady(child, START_MS + 5_000 * places.length, clock);
    doors.close(); // the lab holds them now
    const running = child;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    const close = async () => {
      running.stdin?.end();
      await gone(running, 15_000, clock);
      await workdir.close();
    };
    const pid = running.pid ?? 0;
    return {
      machines: ready.machines,
      switch: ready.switch,
      controlUrl,
      credentials,
      pid,
      ended,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    doors.close();
    child?.kill('SIGKILL');
    await workdir.close();
    throw error;
  }
}
