import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { buildImage } from '../../src/builder/build.ts';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { type Cloud, cloud, session } from '../console/cloud.ts';

export interface NodeFacts {
  provision_state: string;
  power_state: string | null;
  last_error: string | null;
  driver_internal_info: Record<string, unknown>;
}

/** An emulated rack, with the tiny image where machines can be given it. */
export interface E2e extends Cloud {
  image: { url: string; checksum: string };
  /** Asks for a verb and waits for its end; the node's error when it ends elsewhere. */
  verb(node: string, target: string, reaches: string, body?: Record<string, unknown>): Promise<void>;
  /** The files behind the machine's disks, on the host. */
  disks(machine: string): Promise<string[]>;
}

/** Everything is slower by far when other tests run beside. */
const VERB_MS = 600_000;

export async function startE2e(machines: number): Promise<E2e> {
  const env = { INGOT_LAB_MACHINES: String(machines), INGOT_LAB_TOUR: 'false', INGOT_LAB_IMAGE: 'tiny' };
  const running = await cloud({ args: ['--lab', 'emulated'], env });
  const { dataDir } = running.running;
  const folder = join(dataDir, 'rack-images');
  await mkdir(folder, { recursive: true });
  const built = await buildImage({
    kind: 'tiny',
    output: join(folder, 'tiny.qcow2'),
    format: 'qcow2',
    cache: defaultCacheDir(process.env),
  });
  const read = (node: string) => running.ask<NodeFacts>('GET', `/v1/nodes/${node}`);
  return {
    ...running,
    image: { url: `file://${built.file}`, checksum: `sha256:${built.sha256}` },
    async verb(node, target, reaches, body = {}) {
      await running.ask('PUT', `/v1/nodes/${node}/states/provision`, { target, ...body });
      let facts = await read(node);
      await expect
        .poll(
          async () => {
            facts = await read(node);
            return facts.provision_state === reaches || / failed$|^error$/.test(facts.provision_state);
          },
          { timeout: VERB_MS, interval: 250 },
        )
        .toBe(true);
      expect([facts.provision_state, facts.last_error]).toEqual([reaches, null]);
    },
    async disks(machine) {
      const at = join(dataDir, 'lab', machine);
      return (await readdir(at)).filter((name) => name.endsWith('.raw')).map((name) => join(at, name));
    },
  };
}

/** Does the file hold these bytes anywhere? Reads it as the host sees it, past the machine. */
export async function holds(file: string, wanted: string): Promise<boolean> {
  const needle = Buffer.from(wanted);
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: 8 * 1024 * 1024 })) {
    const bytes = Buffer.concat([tail, part as Buffer]);
    if (bytes.includes(needle)) return true;
    tail = bytes.subarray(-needle.length + 1);
  }
  return false;
}

/** A word that stands nowhere by chance. */
export const canary = (of: string): string => `CANARY-${createHash('sha256').update(of).digest('hex')}`;

/** Waits for text in the recorded console since `since`. */
export async function consoleSays(cloud: Pick<Cloud, 'log'>, node: string, what: RegExp, since: string): Promise<void> {
  await expect
    .poll(() => cloud.log(node, `?since=${encodeURIComponent(since)}`), { timeout: VERB_MS, interval: 500 })
    .toMatch(what);
}

/** Logs in on the serial console and runs a command; gives what the terminal showed. */
export async function onConsole(cloud: Pick<Cloud, 'ask'>, node: string, password: string, command: string) {
  const client = await session(cloud, node, { mode: 'write' });
  const sees = async (what: RegExp) => {
    await expect.poll(() => client.shown(), { timeout: 120_000, interval: 100 }).toMatch(what);
  };
  try {
    client.type('\r');
    await sees(/login: *$/);
    client.type('root\r');
    await sees(/assword: *$/);
    client.type(`${password}\r`);
    await sees(/# *$/);
    client.type(`${command}; echo done-$((20 + 3))\r`);
    await sees(/done-23/);
    return client.shown();
  } finally {
    client.socket.close();
  }
}
