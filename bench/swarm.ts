// node tools/run.mjs bench/swarm.ts [MiB] [MiB/s] [machines]: one machine, then several at once, write an image from a source
// that is held to a rate. Real agents in processes of their own, on simulated machines; the real image service.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newUuid } from '../src/kernel/ids.ts';
import { openImageCloud } from '../tests/image/cloud.ts';

const MIB = 1024 * 1024;
const mebibytes = Number(process.argv[2] ?? 512);
const rate = Number(process.argv[3] ?? 32) * MIB;
const machines = Number(process.argv[4] ?? 4);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The source's uplink: all that it sends goes through here, so much a second and no more. */
let sent = 0;
let free = performance.now();
let upstream = 0;
const uplink = createServer((client) => {
  const server = connect(upstream, '127.0.0.1');
  const drop = () => {
    client.destroy();
    server.destroy();
  };
  client.on('error', drop).on('close', drop);
  server.on('error', drop);
  client.pipe(server);
  void limited(server, client).then(drop, drop);
});
async function limited(from: Socket, to: Socket): Promise<void> {
  for await (const part of from as AsyncIterable<Buffer>) {
    sent += part.length;
    // Each piece takes its place in time, after those of all connections before it.
    const at = Math.max(free, performance.now() - 50);
    free = at + (part.length / rate) * 1000;
    if (free > performance.now()) await sleep(free - performance.now());
    if (!to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
  to.end();
}
await new Promise<void>((resolve) => uplink.listen(0, '127.0.0.1', resolve));
const door = `http://127.0.0.1:${(uplink.address() as AddressInfo).port}`;
const cloud = await openImageCloud({ fileFolders: ['/tmp'], serveUrl: () => door, maxUploads: 64 });
upstream = Number(new URL(cloud.url).port);

interface Agent {
  uuid: string;
  child: ChildProcess;
  lines: Interface;
}

async function startAgents(count: number): Promise<Agent[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const uuid = newUuid();
      const program = fileURLToPath(new URL('./swarm-agent.ts', import.meta.url));
      const child = spawn(process.execPath, [program, uuid], { stdio: ['pipe', 'pipe', 'inherit'] });
      if (child.stdout === null) throw new Error('no output');
      const lines = createInterface({ input: child.stdout });
      await once(lines, 'line');
      return { uuid, child, lines };
    }),
  );
}

/** All of them write a fresh image. Gives the seconds until the last is done, and the images the source sent. */
async function round(count: number): Promise<{ seconds: number; images: number }> {
  const file = join(cloud.dataDir, `${count}.raw`);
  await writeFile(file, randomBytes(mebibytes * MIB));
  const agents = await startAgents(count);
  const orders = await Promise.all(
    agents.map(async ({ uuid }) => {
      const image = await cloud.image.service.prepare(
        { source: `file://${file}`, projectId: null },
        { nodeUuid: uuid, signal: AbortSignal.timeout(600_000) },
      );
      const info = {
        id: image.id,
        urls: image.urls,
        disk_format: 'raw',
        container_format: 'bare',
        image_type: 'whole-disk',
        os_hash_algo: 'sha256',
        os_hash_value: image.hash.hex,
        raw_sha256: image.hash.hex,
        manifest_url: image.manifestUrl,
        virtual_bytes: image.virtualBytes,
        stream_raw_images: true,
      };
      return JSON.stringify({ image_info: info });
    }),
  );
  sent = 0;
  const began = performance.now();
  const done = await Promise.all(
    agents.map(async ({ child, lines }, i) => {
      child.stdin?.write(`${orders[i]}\n`);
      const [line] = (await once(lines, 'line')) as [string];
      return JSON.parse(line) as { status: string; seconds: number; result: { written?: { peer_bytes: number } } };
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const bad = done.find((one) => one.status !== 'SUCCEEDED');
  if (bad !== undefined) throw new Error(`an agent failed: ${JSON.stringify(bad)}`);
  const images = sent / (mebibytes * MIB);
  for (const { child } of agents) child.stdin?.end();
  await Promise.all(agents.map(({ child }) => once(child, 'exit')));
  const shared = done.reduce((sum, one) => sum + (one.result.written?.peer_bytes ?? 0), 0) / MIB;
  console.log(
    `${count} at once: ${seconds.toFixed(1)} s, the source sent ${images.toFixed(2)} images, ` +
      `machines gave one another ${shared.toFixed(0)} MiB`,
  );
  return { seconds, images };
}

try {
  console.log(`an image of ${mebibytes} MiB of noise from a source that sends ${rate / MIB} MiB/s`);
  const one = await round(1);
  const all = await round(machines);
  console.log(
    `${machines} took ${(all.seconds / one.seconds).toFixed(2)} times one (bound 1.5); ` +
      `the source sent ${all.images.toFixed(2)} images (bound 1.3)`,
  );
} finally {
  uplink.close();
  await cloud.close();
}
process.exit(0);
