import type { ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { start } from '../../../src/kernel/run.ts';
import { startRackHere } from '../../../src/lab/here.ts';
import type { MachineWish } from '../../../src/lab/machine/spec.ts';
import { BMC_LOGIN, bmcPlace, PROVISIONING, UPLINK } from '../../../src/operate/rack/layout.ts';
import { plugInto, rackCables } from '../../../src/operate/rack/networks.ts';
import { serveImages } from './image-server.ts';

// The first process of a namespace: a rack that stays, and Ingot beside it as a process that may be killed and started
// again. `ingot up --lab emulated` has both in one, and its rack dies with it.

export interface SiteWish {
  machines: readonly MachineWish[];
  labDir: string;
  /** Folder of the images that a bad server has, too. */
  images: string;
  /** Flags of `ingot up`. */
  args: readonly string[];
  env: Record<string, string>;
  /** Where what Ingot logs goes. */
  logFile: string;
  /** Ingot's own OVN carries networks of tenants: its folder, and a file for who was heard at the ends of cables. */
  networks?: { ovnDir: string; heard: string };
}

/** Descriptors we were given: the API's socket, and that of the rack's control API. */
const API_FD = 3;
const CONTROL_FD = 4;
const API_PORT = 6385;
const root = join(import.meta.dirname, '..', '..', '..');
const entry = join(root, 'bin', 'ingot.mjs');

const wish = JSON.parse(process.argv[2] ?? '') as SiteWish;
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const rack = await startRackHere({
  machines: wish.machines,
  dir: wish.labDir,
  credentials: BMC_LOGIN,
  places: wish.machines.map((_, i) => bmcPlace(i)),
  legs: rackCables.legs.filter(({ ifname }) => ifname === PROVISIONING.ifname),
  uplinks: wish.networks === undefined ? [] : rackCables.uplinks,
  vlan: PROVISIONING.vlan,
  controlFd: CONTROL_FD,
  inside: { program: process.execPath, args: [join(root, 'tests/lab/inside-main.ts')] },
});

// From outside the namespace to whichever Ingot runs in it.
createServer((client) => {
  const server = connect(API_PORT, '127.0.0.1');
  client.pipe(server).pipe(client);
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
}).listen({ fd: API_FD });

serveImages(wish.images);

if (wish.networks !== undefined) {
  const ears = [join(root, 'tests/network/programs/ears.py'), wish.networks.heard];
  const at = [PROVISIONING.ifname, UPLINK.ifname].map((ifname) => `<${ifname}`);
  start('setpriv', ['--pdeathsig', 'KILL', '/usr/bin/python3', ...ears, ...at], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

let ingot: ChildProcess | undefined;
const log = openSync(wish.logFile, 'a', 0o600);

function up(): Promise<void> {
  const child = start(process.execPath, [entry, 'up', ...wish.args], {
    env: wish.env,
    stdio: ['ignore', 'pipe', log],
  });
  ingot = child;
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += String(part);
      if (text.includes('Ctrl-C')) resolve();
    });
    child.once('exit', (code, signal) => reject(new Error(`ingot up ended with ${code ?? signal}`)));
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const child = ingot;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

say({ ready: true, machines: rack.machines, switch: rack.switch });
const verbs: Record<string, () => Promise<void>> = {
  up,
  plug: () => plugInto(wish.networks?.ovnDir ?? ''),
  kill: () => end('SIGKILL'),
  stop: () => end('SIGTERM'),
};
for await (const line of createInterface({ input: process.stdin })) {
  try {
    await verbs[line]?.();
    say({ done: line });
  } catch (error) {
    say({ failed: String(error) });
  }
}
await end('SIGTERM');
await rack.close();
process.exit(0);
