// node tools/run.mjs bench/images.ts [MiB]: what the image path costs beside the plain tools, on this machine.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ingest } from '../src/image/cache/ingest.ts';
import { DEFAULT_LIMITS } from '../src/image/model/limits.ts';
import { run } from '../src/kernel/run.ts';
import { SwarmKeeper } from '../src/agent-api/swarm-keeper.ts';
import { bitsToText, emptyBits, hasBit, setBit } from '../src/agent-api/swarm.ts';

const mebibytes = Number(process.argv[2] ?? 1024);
const MIB = 1024 * 1024;
const folder = await mkdtemp(join(tmpdir(), 'ingot-bench-'));
const path = (name: string) => join(folder, name);

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const from = performance.now();
  const result = await work();
  return [(performance.now() - from) / 1000, result];
}

let made = 0;
async function* reading(file: string): AsyncGenerator<Buffer> {
  for await (const part of createReadStream(file, { highWaterMark: MIB })) yield part as Buffer;
}
const ingestFile = (file: string, bytes: number | null) =>
  ingest(reading(file), {
    raw: path(`out-${(made += 1)}`),
    packed: path(`packed-${made}`),
    checksum: undefined,
    diskFormat: undefined,
    sourceBytes: bytes,
    limits: DEFAULT_LIMITS,
    convertTimeoutMs: 600_000,
    signal: AbortSignal.timeout(600_000),
    onProgress: () => {},
  });

/** A disk of which a third is data. */
async function disk(file: string, size: number): Promise<void> {
  await writeFile(file, '');
  await truncate(file, size);
  const handle = await open(file, 'r+');
  for (let at = 0; at < size; at += 12 * MIB)
    await handle.write(randomBytes(4 * MIB), 0, Math.min(4 * MIB, size - at), at);
  await handle.close();
}

async function peak(work: () => Promise<unknown>): Promise<number> {
  let most = process.memoryUsage().rss;
  const from = most;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(timer);
  return (most - from) / MIB;
}

try {
  const raw = path('disk.raw');
  await disk(raw, mebibytes * MIB);
  await run('qemu-img', ['convert', '-O', 'qcow2', '-f', 'raw', raw, path('disk.qcow2')], { timeoutMs: 600_000 });
  const [tool] = await timed(() =>
    run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', path('disk.qcow2'), path('tool.raw')], {
      timeoutMs: 600_000,
    }),
  );
  const [summed] = await timed(() => run('sha256sum', [path('tool.raw')], { timeoutMs: 600_000 }));
  const busy = process.cpuUsage();
  const [ours] = await timed(async () => ingestFile(path('disk.qcow2'), (await stat(path('disk.qcow2'))).size));
  const used = process.cpuUsage(busy);
  const [plain] = await timed(async () => ingestFile(raw, mebibytes * MIB));
  const [copy] = await timed(() =>
    pipeline(createReadStream(raw, { highWaterMark: MIB }), createWriteStream(path('copy.raw'))),
  );
  console.log(
    `qcow2 of ${mebibytes} MiB: qemu-img convert ${tool.toFixed(2)} s, sha256sum ${summed.toFixed(2)} s; ` +
      `fetched, judged, converted, hashed whole and in blocks ${ours.toFixed(2)} s: ` +
      `${(ours / (tool + summed)).toFixed(2)} times both, ${(ours / tool).toFixed(1)} times the conversion; ` +
      `processor of this process ${((used.user + used.system) / 1e6).toFixed(2)} s`,
  );
  console.log(
    `raw of ${mebibytes} MiB: copied ${copy.toFixed(2)} s; judged, hashed twice, written with holes ${plain.toFixed(2)} s`,
  );

  await disk(path('one.raw'), 1024 * MIB);
  await writeFile(path('eight.raw'), '');
  await truncate(path('eight.raw'), 8192 * MIB);
  await ingestFile(raw, null);
  const one = await peak(() => ingestFile(path('one.raw'), null));
  const eight = await peak(() => ingestFile(path('eight.raw'), null));
  console.log(`memory beyond that of the process: 1 GiB ${one.toFixed(0)} MiB, 8 GiB (a hole) ${eight.toFixed(0)} MiB`);

  const server = createServer((_request, response) => createReadStream(raw, { highWaterMark: MIB }).pipe(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const [served] = await timed(() => run('curl', ['-s', '-o', '/dev/null', url], { timeoutMs: 600_000 }));
  const [cat] = await timed(() => run('dd', [`if=${raw}`, 'of=/dev/null', 'bs=1M'], { timeoutMs: 600_000 }));
  server.close();
  console.log(
    `served over HTTP ${((mebibytes / served) | 0).toString()} MiB/s; read by dd ${((mebibytes / cat) | 0).toString()} MiB/s`,
  );

  console.log(swarm(1), swarm(4));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/**
 * The block protocol in steps of time: the source gives one block a step, each machine takes one block of another a
 * step. Gives the steps all need, and the blocks the source sent.
 */
function swarm(machines: number): string {
  const blocks = Array.from({ length: 128 }, (_, at) => createHash('sha256').update(String(at)).digest('hex'));
  const keeper = new SwarmKeeper({ version: 1, virtual_bytes: 128 * 4 * MIB, block_bytes: 4 * MIB, blocks });
  const have = Array.from({ length: machines }, () => emptyBits(128));
  const full = (bits: Uint8Array) => blocks.every((_, at) => hasBit(bits, at));
  let sent = 0;
  let steps = 0;
  for (; have.some((bits) => !full(bits)); steps++) {
    const before = have.map((bits) => Uint8Array.from(bits));
    let given = false;
    for (let at = 0; at < machines; at++) {
      const bits = have[(at + steps) % machines] as Uint8Array;
      const want = blocks.map((_, block) => block).filter((block) => !hasBit(bits, block));
      const node = `node-${(at + steps) % machines}`;
      const said = {
        node_uuid: node,
        url: '',
        verify_ca: '',
        secret: '',
        have: bitsToText(bits),
        want: want.slice(0, 64),
      };
      const { granted = [] } = keeper.announce(said, steps * 100);
      const mine = granted.find((block) => !hasBit(bits, block));
      if (mine !== undefined && !given) {
        given = true;
        sent += 1;
        setBit(bits, mine);
      }
      const other = want.find((block) => !hasBit(bits, block) && before.some((peer) => hasBit(peer, block)));
      if (other !== undefined) setBit(bits, other);
    }
  }
  return `${machines} machines: ${steps} steps, the source sent ${(sent / 128).toFixed(2)} images`;
}
