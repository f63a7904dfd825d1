// node tools/run.mjs bench/agent-write.ts [MiB]: how quickly the agent of the deploy ramdisk writes an image, beside dd of the
// same bytes (from memory) inside the same machine. The machine is emulated, so its processor is some twenty times slower
// than a real one, and its disks are held to rates that stand for slow and quick ones.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BLOCK_BYTES, blockLength, type BlockManifest, manifestDigest } from '../src/agent-api/manifest.ts';
import type { CommandResult } from '../src/agent-api/wire.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { buildRamdisk } from '../src/operate/ramdisk/build.ts';
import { defaultRamdiskDir } from '../src/platform/ramdisk.ts';
import { askAgent, startConductor, TestServer, TOKEN, until } from '../tests/agent/harness.ts';
import { goal, tellGoals } from './goals.ts';

const MIB = 1024 * 1024;
const raw = randomBytes(Number(process.argv[2] ?? 192) * MIB);
/** MiB a second; null: as quickly as the emulator takes them. */
const RATES = [8, 16, null] as const;
const disks = RATES.map((_, i) => `/dev/nvme${i}n1`);
const folder = await mkdtemp(join(tmpdir(), 'ingot-bench-'));

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const manifest: BlockManifest = {
  version: 1,
  virtual_bytes: raw.length,
  block_bytes: BLOCK_BYTES,
  blocks: Array.from({ length: Math.ceil(raw.length / BLOCK_BYTES) }, (_, i) =>
    sha(raw.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)),
  ),
  sha256: sha(raw),
};
const byHash = new Map(manifest.blocks.map((hash, i) => [hash, i]));
const source = await TestServer.start((path) => {
  if (path === '/raw') return { status: 200, body: raw };
  if (path === '/i/manifest') return { status: 200, body: manifest };
  const index = byHash.get(path.split('/').at(-1) ?? '');
  if (index === undefined) return undefined;
  const at = index * BLOCK_BYTES;
  return { status: 200, body: raw.subarray(at, at + blockLength(manifest, index)) };
});
let dd: Record<string, number[]> | undefined;
const told = await TestServer.start((_, body) => {
  dd = JSON.parse(body.toString()) as Record<string, number[]>;
  return { status: 200, body: {} };
});
const conductor = await startConductor({ config: { ingot: { version: 1 } } });
const ramdisk = await buildRamdisk({
  dir: defaultRamdiskDir(process.env),
  arch: 'x86_64',
  name: 'agent-write',
  agent: join(import.meta.dirname, 'agent-write-inside.ts'),
  env: process.env,
  clock: systemClock,
  signal: AbortSignal.timeout(900_000),
});

/** A door of this host that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** This host, as QEMU shows it to its guest. */
const seen = ({ url }: TestServer) => url.replace('127.0.0.1', '10.0.2.2');
const port = await freePort();
const machine = spawn(
  'qemu-system-x86_64',
  [
    ...['-nodefaults', '-display', 'none', '-machine', 'q35', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2'],
    ...['-m', String(1536 + (2 * raw.length) / MIB), '-no-reboot', '-serial', `file:${join(folder, 'console')}`],
    ...['-kernel', join(ramdisk.folder, 'kernel'), '-initrd', join(ramdisk.folder, 'initrd')],
    ...['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${port}-:9999`, '-device', 'virtio-net-pci,netdev=n'],
    '-append',
    `console=ttyS0 quiet no_timer_check ipa-api-url=${seen(conductor.server)} bench-told=${seen(told)} ` +
      `bench-source=${seen(source)} bench-disks=${disks.join()}`,
    ...(
      await Promise.all(
        RATES.map(async (rate, i) => {
          const file = join(folder, `disk${i}`);
          await writeFile(file, '');
          await truncate(file, raw.length + 64 * MIB);
          const limit = rate === null ? '' : `,throttling.bps-write=${rate * MIB}`;
          const drive = `file=${file},format=raw,if=none,id=d${i},discard=unmap${limit}`;
          return ['-drive', drive, '-device', `nvme,drive=d${i},serial=disk${i}`];
        }),
      )
    ).flat(),
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
try {
  await until(() => dd !== undefined && conductor.beats.length > 0, 900_000);
  for (const [i, rate] of RATES.entries()) {
    const name = disks[i] ?? '';
    const took: number[] = [];
    for (let round = 0; round < 2; round++) {
      const from = performance.now();
      const { body } = await askAgent(`https://127.0.0.1:${port}/v1/commands/?wait=true&agent_token=${TOKEN}`, 'POST', {
        name: 'standby.prepare_image',
        params: {
          image_info: {
            id: 'bench',
            urls: [],
            manifest_url: `${seen(source)}/i/manifest`,
            virtual_bytes: raw.length,
            raw_sha256: manifest.sha256,
            manifest_sha256: manifestDigest(manifest),
            share_blocks: false,
            root_device: { name },
          },
        },
      });
      const { command_error, command_result } = body as CommandResult;
      if (command_error != null) throw new Error(JSON.stringify(command_error));
      if (round === 0) console.log(JSON.stringify(command_result));
      took.push((performance.now() - from) / 1000);
    }
    const plain = Math.min(...(dd?.[name] ?? []));
    const agent = Math.min(...took);
    const what = rate === null ? 'a disk without a limit' : `a disk of ${rate} MiB/s`;
    console.log(
      `${what}: dd ${plain.toFixed(1)} s, the agent ${agent.toFixed(1)} s (${took.map((s) => s.toFixed(1)).join(', ')})`,
    );
    if (rate !== null) goal(`rate of the agent to that of dd, ${what}`, plain / agent, 'at least', 0.9, '');
  }
} finally {
  machine.kill('SIGKILL');
  await Promise.all([source.close(), told.close(), conductor.server.close()]);
  await rm(folder, { recursive: true });
}
tellGoals();
