import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { BootConfig } from '../../src/boot/index.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { openTestDatabase } from '../../src/store/testing.ts';
import type { Ask } from './programs/provisioning.ts';

/** A boot service in a namespace of its own, driven by questions. */
export interface Provisioning extends AsyncDisposable {
  dataDir: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into arbitrary answers
  ask(question: Ask): Promise<any>;
  close(): Promise<void>;
}

/** Starts one, with a stand-in for the ramdisk: the files are there, and nothing of them runs. */
export async function startProvisioning(config: Partial<BootConfig> = {}): Promise<Provisioning> {
  const database = await openTestDatabase();
  const dataDir = await mkdtemp('/tmp/ibp-');
  await standInRamdisk(join(dataDir, 'ramdisk'));
  await mkdir(join(dataDir, 'files'));
  await writeFile(join(dataDir, 'files', 'kernel'), 'a kernel');
  await writeFile(join(dataDir, 'secret'), 'not for machines');
  const child = startInside({
    program: process.execPath,
    args: [
      join(import.meta.dirname, 'programs/provisioning.ts'),
      JSON.stringify({ databaseUrl: database.url, dataDir, config }),
    ],
  });
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  const stdin = child.stdin;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the boot service ended');
    return JSON.parse(value) as { ready?: unknown; value?: unknown; error?: string; code?: string };
  };
  await next();
  const close = async () => {
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    stdin.end();
    await gone;
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return {
    dataDir,
    async ask(question) {
      stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await next();
      if (answer.error !== undefined) throw Object.assign(new Error(answer.error), { code: answer.code });
      return answer.value;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function standInRamdisk(dir: string): Promise<void> {
  const folder = join(dir, 'x86_64', 'aaaa');
  await mkdir(join(folder, 'loaders'), { recursive: true });
  const facts = (bytes: Buffer) => ({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  const put = async (name: string, size: number) => {
    const bytes = Buffer.alloc(size, name);
    await writeFile(join(folder, name), bytes);
    return facts(bytes);
  };
  const names = [
    'undionly.kpxe',
    'snponly.efi',
    'shimx64.efi',
    'grubx64.efi',
    'gcdx64.efi',
    'lpxelinux.0',
    'ldlinux.c32',
    'isolinux.bin',
  ];
  const loaders: Record<string, unknown> = {};
  for (const name of names) loaders[name] = await put(`loaders/${name}`, 30_000);
  const manifest = {
    key: 'aaaa',
    arch: 'x86_64',
    kernelVersion: '1',
    kernel: await put('kernel', 100_000),
    initrd: await put('initrd', 3_000_000),
    loaders,
    packages: [],
    node: '',
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(dir, 'x86_64', 'current'), 'aaaa\n');
}
