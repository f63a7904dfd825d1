import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import pg from 'pg';
import { expect } from 'vitest';
import { buildImage } from '../../src/builder/build.ts';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { gone } from '../../src/lab/bound.ts';
import { Doors } from '../../src/lab/doors.ts';
import type { LabSwitchFacts } from '../../src/lab/inside.ts';
import { type MachineWish, machineSpec } from '../../src/lab/machine/spec.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { buildRamdisk } from '../../src/operate/ramdisk/build.ts';
import { PROVISIONING, RACK_NETWORK, TENANT_VLANS, UPLINK } from '../../src/operate/rack/layout.ts';
import { openTestDatabase } from '../../src/store/testing.ts';
import { type Cloud, cloudOf } from '../console/cloud.ts';
import { until as waitFor } from '../house/ingot.ts';
import type { SiteWish } from './programs/site.ts';

export interface NodeFacts {
  uuid: string;
  provision_state: string;
  power_state: string | null;
  last_error: string | null;
  reservation: string | null;
  driver_internal_info: Record<string, unknown>;
}

/** An emulated rack with Ingot beside it, and the tiny image where machines can be given it. */
export interface Site extends Pick<Cloud, 'ask' | 'log'> {
  url: string;
  image: { url: string; checksum: string };
  /** Where the images are that machines can be given. */
  images: string;
  read(node: string): Promise<NodeFacts>;
  /** Asks for a verb and waits for its end; throws the node's error when it ends elsewhere. */
  verb(node: string, target: string, reaches: string, body?: Record<string, unknown>): Promise<void>;
  /** Asks for a power state and waits for it. */
  power(node: string, target: 'power on' | 'power off'): Promise<void>;
  /** Waits until the node is in one of the states; gives it. */
  until(node: string, states: readonly string[]): Promise<NodeFacts>;
  /** What hands in the rack do. */
  hands(machine: string, action: string, settings?: Record<string, string>): Promise<void>;
  /** Something is wrong with a machine or its BMC from now on: one of the lab's faults by name, or effects of one's own. */
  breaks(
    machine: string,
    what: `faults/${string}` | `effects/${string}`,
    params?: Record<string, unknown>,
  ): Promise<void>;
  /** Nothing is wrong with it any more. */
  heals(machine: string): Promise<void>;
  /** What is true of a machine, whatever its BMC says. */
  truth(machine: string): Promise<{ power: 'on' | 'off'; media: string[] }>;
  /** Rows of the database behind the API. */
  query<Row>(text: string, values: unknown[]): Promise<Row[]>;
  /** The files behind the machine's disks, on the host. */
  disks(machine: string): Promise<string[]>;
  /** MAC of the first card of a machine. */
  mac(machine: string): string;
  /** Ingot is killed, stopped or started. */
  ingot(what: 'up' | 'kill' | 'stop' | 'plug'): Promise<void>;
  /** The rack's switch, as one registers it. */
  switch: LabSwitchFacts;
  /** The VLAN a port of the rack's switch is on; `parked` where it carries nothing. */
  vlan(port: string): Promise<number | 'parked'>;
  /** Who was heard at the ends of the rack's cables, in order; where networks are carried. */
  heard(): Promise<{ at: number; port: string; mac: string }[]>;
  /** What Ingot logged goes there. */
  logFile: string;
  dataDir: string;
  close(): Promise<void>;
}

/** Everything is slower by far when other tests run beside. */
export const VERB_MS = 2_400_000;
const LOOK_MS = 250;
/** A port that carries nothing is a trunk of the VLAN that is nobody's. */
const PARKING = '3967';

export interface SiteOptions {
  machines: readonly MachineWish[];
  /** Settings of Ingot, by the names of their variables. */
  env?: Record<string, string>;
  /** An OVN of Ingot's own carries networks of tenants. */
  networks?: true;
}

/** Settings by which the rack's switch is a physical network that OVN reaches by a cable. */
const NETWORKS = {
  INGOT_NETWORK_OVN: 'own',
  INGOT_NETWORK_PHYSICAL_NETWORKS: `${RACK_NETWORK}:1500:${TENANT_VLANS}`,
  INGOT_NETWORK_BRIDGE_MAPPINGS: `${RACK_NETWORK}:${UPLINK.bridge}`,
  INGOT_NETWORK_SERVICE_NETWORKS: `provisioning=${RACK_NETWORK}:${PROVISIONING.vlan}`,
  INGOT_NETWORK_PROVISIONING_NETWORK: 'provisioning',
  INGOT_NETWORK_CLEANING_NETWORK: 'provisioning',
};

/** Starts all of it. Throws what keeps it from that. */
export async function startSite({ machines, env = {}, networks }: SiteOptions): Promise<Site> {
  const dataDir = await mkdtemp('/tmp/ie-');
  const images = join(dataDir, 'images');
  await mkdir(images);
  const ramdiskDir = process.env['INGOT_BOOT_RAMDISK_DIR'] ?? '/var/cache/ingot/ramdisk';
  const signal = AbortSignal.timeout(600_000);
  const [database, built] = await Promise.all([
    openTestDatabase(),
    buildImage({
      kind: 'tiny',
      output: join(images, 'tiny.qcow2'),
      format: 'qcow2',
      cache: defaultCacheDir(process.env),
    }),
    buildRamdisk({ dir: ramdiskDir, arch: 'x86_64', env: process.env, clock: systemClock, signal }),
  ]);
  const doors = new Doors();
  const apiFd = await doors.tcp('127.0.0.1', 0);
  const url = `http://127.0.0.1:${doors.lastPort}`;
  const controlFd = await doors.tcp('127.0.0.1', 0);
  const control = `http://127.0.0.1:${doors.lastPort}`;
  expect([apiFd, controlFd]).toEqual([3, 4]);
  const logFile = join(dataDir, 'ingot.log');
  const wish: SiteWish = {
    machines,
    labDir: join(dataDir, 'lab'),
    images,
    logFile,
    ...(networks === true && {
      networks: { ovnDir: join(dataDir, 'data', 'ovn'), heard: join(dataDir, 'heard') },
    }),
    args: ['--data-dir', join(dataDir, 'data'), '--auth', 'none'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: dataDir,
      INGOT_DATABASE_URL: database.url,
      INGOT_API_PUBLIC_URL: url,
      INGOT_API_RAMDISK_LISTEN: `${PROVISIONING.address}:6385`,
      INGOT_BOOT_INTERFACE: PROVISIONING.ifname,
      INGOT_BOOT_RAMDISK_DIR: ramdiskDir,
      INGOT_IMAGE_FILE_FOLDERS: images,
      // As the product's own rack has it, for busy hosts; a list in the environment has no commas within its words.
      INGOT_BOOT_KERNEL_PARAMETERS: 'console=tty0,console=ttyS0,quiet,no_timer_check',
      ...(networks === true && NETWORKS),
      ...env,
    },
  };
  const child = startInside({
    program: process.execPath,
    args: [join(import.meta.dirname, 'programs/site.ts'), JSON.stringify(wish)],
    fds: doors.fds,
  });
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  const stdin = child.stdin;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the site ended');
    return JSON.parse(value) as { done?: string; failed?: string; switch?: LabSwitchFacts };
  };
  const ingot: Site['ingot'] = async (what) => {
    stdin.write(`${what}\n`);
    const { failed } = await next();
    if (failed !== undefined) throw new Error(failed);
  };
  const { switch: rackSwitch } = await next();
  if (rackSwitch === undefined) throw new Error('the rack has no switch');
  doors.close();
  await ingot('up');
  if (networks === true) await ingot('plug');
  const lab = async <T>(method: string, path: string, body: object = {}): Promise<T> => {
    const sent = method === 'GET' ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${control}/machines/${path}`, { method, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const { ask, log } = cloudOf({ url } as Parameters<typeof cloudOf>[0]);
  const read = (node: string) => ask<NodeFacts>('GET', `/v1/nodes/${node}`);
  const until: Site['until'] = async (node, states) => {
    let facts = await read(node);
    const there = async () => {
      await systemClock.sleep(LOOK_MS);
      facts = await read(node).catch(() => facts);
      return states.includes(facts.provision_state);
    };
    await waitFor(`${node} is ${states.join(' or ')}`, there, VERB_MS);
    return facts;
  };
  return {
    url,
    image: { url: `file://${built.file}`, checksum: `sha256:${built.sha256}` },
    images,
    ask,
    log,
    read,
    until,
    async verb(node, target, reaches, body = {}) {
      await ask('PUT', `/v1/nodes/${node}/states/provision`, { target, ...body });
      const failed = ['deploy failed', 'clean failed', 'rescue failed', 'unrescue failed', 'service failed'];
      const facts = await until(node, [reaches, 'inspect failed', 'error', ...failed]);
      expect([facts.provision_state, facts.last_error]).toEqual([reaches, null]);
    },
    async power(node, target) {
      await ask('PUT', `/v1/nodes/${node}/states/power`, { target });
      const there = async () => {
        await systemClock.sleep(LOOK_MS);
        return (await read(node)).power_state === target;
      };
      await waitFor(`${node} is in ${target}`, there, VERB_MS);
    },
    hands: async (machine, action, settings) => void (await lab('POST', `${machine}/actions/${action}`, settings)),
    breaks: async (machine, what, params = {}) => void (await lab('PUT', `${machine}/${what}`, params)),
    heals: async (machine) => void (await lab('DELETE', `${machine}/effects`)),
    truth: (machine) => lab('GET', machine),
    async query<Row>(text: string, values: unknown[]) {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        return (await client.query(text, values)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async disks(machine) {
      const at = join(wish.labDir, machine);
      return (await readdir(at)).filter((name) => name.endsWith('.raw')).map((name) => join(at, name));
    },
    mac: (machine) => machineSpec(machines.find((one) => one.name === machine) ?? { name: machine }).nics[0]?.mac ?? '',
    ingot,
    switch: rackSwitch,
    async vlan(port) {
      const answer = await fetch(`${control}/switch/ports`);
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      const { ports } = (await answer.json()) as { ports: { name: string; tag: number | null; trunks: number[] }[] };
      const found = ports.find(({ name }) => name === port);
      if (found?.tag == null && found?.trunks.join() !== PARKING) throw new Error(`what is ${JSON.stringify(found)}?`);
      return found.tag ?? 'parked';
    },
    async heard() {
      const lines = (await readFile(join(dataDir, 'heard'), 'utf8')).split('\n');
      return lines.flatMap((line) => {
        const [at = '', port = '', mac = ''] = line.split(' ');
        return mac === '' ? [] : [{ at: Number(at), port, mac }];
      });
    },
    logFile,
    dataDir,
    async close() {
      stdin.end();
      await gone(child, 60_000);
      await database.close();
      if (process.env['INGOT_E2E_KEEP'] === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
