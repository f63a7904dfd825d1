import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { messageOf } from '#kernel/errors';
import type { Params, Run } from './commands/command.ts';
import { isObject, numberOf } from './commands/parameters.ts';
import { chooseDisks } from './erase/erase.ts';
import { errors } from './errors.ts';
import { listDisks } from './inventory/disks.ts';
import { readCpu } from './inventory/processor.ts';

/** A chain of hashes: every processor must come to the same end. */
const CHAIN = `
const { createHash } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', ({ seed, rounds }) => {
  let value = Buffer.from(seed, 'hex');
  for (let i = 0; i < rounds; i++) value = createHash('sha512').update(value).digest();
  parentPort.postMessage(value.toString('hex'));
});
`;
const ROUNDS = 200_000;
const MIB = 1024 * 1024;

/** `agent_burnin_<what>_<name>` of the node's driver_info, as ironic-python-agent reads it. */
function setting(node: Params | null, name: string, otherwise: number): number {
  const info = isObject(node?.['driver_info']) ? node['driver_info'] : {};
  return numberOf({ value: info[`agent_burnin_${name}`] }, 'value', otherwise);
}

/** All processors work on the same chain for a time (default an hour); one that comes to another end is broken. */
export async function burnInCpu(node: Params | null, run: Run): Promise<{ result: string }> {
  const seconds = setting(node, 'cpu_timeout', 3600);
  const count = setting(node, 'cpu_cpu', 0) || (await readCpu(run.machine)).count || 1;
  const workers = Array.from({ length: count }, () => new Worker(CHAIN, { eval: true }));
  const started = run.clock.monotonic();
  let rounds = 0;
  try {
    while (run.clock.monotonic() - started < seconds * 1000) {
      run.signal.throwIfAborted();
      const seed = run.random.bytes(64).toString('hex');
      const ends = await Promise.all(workers.map((worker) => chainOf(worker, seed)));
      if (new Set(ends).size > 1) throw errors.BurnInFailed('the processors', 'they do not agree on a hash');
      rounds++;
      const at = Math.min(seconds, (run.clock.monotonic() - started) / 1000);
      run.progress({ phase: 'verify', what: `${count} processors`, bytes: Math.round(at), total: seconds });
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return { result: `${count} processors agreed on ${rounds} chains of ${ROUNDS} hashes` };
}

async function chainOf(worker: Worker, seed: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error) => reject(errors.BurnInFailed('a processor', messageOf(error))));
    worker.postMessage({ seed, rounds: ROUNDS });
  });
}

/** Fills most of the free memory with patterns and reads them back, for a time (default an hour). */
export async function burnInMemory(node: Params | null, run: Run): Promise<{ result: string }> {
  const seconds = setting(node, 'vm_timeout', 3600);
  const share = Math.min(98, setting(node, 'vm_vm-bytes', 80)) / 100;
  const available = /MemAvailable:\s+(\d+)/.exec((await run.machine.text('/proc/meminfo')) ?? '')?.[1];
  const wanted = Math.floor((Number(available ?? 0) * 1024 * share) / (64 * MIB));
  const blocks = Array.from({ length: Math.max(1, wanted) }, () => Buffer.allocUnsafeSlow(64 * MIB));
  const started = run.clock.monotonic();
  let passes = 0;
  do {
    for (const pattern of [0x00, 0xff, 0x55, 0xaa, passes & 0xff]) {
      for (const block of blocks) block.fill(pattern);
      for (const [i, block] of blocks.entries()) {
        run.signal.throwIfAborted();
        if (block[0] !== pattern || Buffer.compare(block.subarray(1), block.subarray(0, -1)) !== 0) {
          throw errors.BurnInFailed('the memory', `block ${i} does not keep the pattern ${pattern}`);
        }
        await run.clock.sleep(0);
      }
    }
    passes++;
    const at = Math.min(seconds, (run.clock.monotonic() - started) / 1000);
    run.progress({
      phase: 'verify',
      what: `${blocks.length * 64} MiB of memory`,
      bytes: Math.round(at),
      total: seconds,
    });
  } while (run.clock.monotonic() - started < seconds * 1000);
  return { result: `${blocks.length * 64} MiB kept 5 patterns ${passes} times` };
}

/** Writes noise to random places of every disk and reads it back, for a time (default an hour). Destroys data. */
export async function burnInDisk(node: Params | null, run: Run): Promise<{ result: string }> {
  const seconds = setting(node, 'fio_disk_runtime', 3600);
  const { disks } = chooseDisks(await listDisks(run.machine), node);
  const started = run.clock.monotonic();
  let bytes = 0;
  const burn = async (name: string) => {
    const device = await run.machine.open(name, 'write');
    try {
      do {
        run.signal.throwIfAborted();
        const noise = run.random.bytes(MIB);
        const slots = Math.floor(device.size / MIB);
        const at = Math.floor(run.random.next() * slots) * MIB;
        await device.write(noise, at);
        await device.sync();
        const read = Buffer.allocUnsafe(MIB);
        await device.read(read, at);
        if (digest(read) !== digest(noise)) throw errors.BurnInFailed(name, `byte ${at} is not what was written`);
        bytes += MIB;
        const now = Math.min(seconds, (run.clock.monotonic() - started) / 1000);
        run.progress({
          phase: 'verify',
          what: disks.map((d) => d.name).join(' '),
          bytes: Math.round(now),
          total: seconds,
        });
      } while (run.clock.monotonic() - started < seconds * 1000);
    } finally {
      await device.close();
    }
  };
  await Promise.all(disks.map((disk) => burn(disk.name)));
  return { result: `${bytes} bytes of noise were written to ${disks.length} disks and read back` };
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
