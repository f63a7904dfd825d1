import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { convertQcow2 } from '../../src/image/cache/convert.ts';
import { DEFAULT_LIMITS } from '../../src/image/index.ts';
import { run } from '../../src/kernel/run.ts';

const MIB = 1024 ** 2;
/** Of which some failed while each of qemu-img's threads reserved address space for memory of its own. */
const TIMES = 60;

it('a packed image is converted each time: the limit on memory is not used up by threads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-convert-'));
  const path = (name: string) => join(folder, name);
  try {
    const bytes = Buffer.concat(
      Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? randomBytes(MIB / 2) : Buffer.alloc(MIB / 2, 'a line\n'))),
    );
    await writeFile(path('disk'), bytes);
    const make = ['convert', '-c', '-f', 'raw', '-O', 'qcow2', path('disk'), path('packed')];
    await run('qemu-img', make, { timeoutMs: 60_000 });
    const signal = AbortSignal.timeout(200_000);
    for (let i = 0; i < TIMES; i++) {
      await rm(path('raw'), { force: true });
      await convertQcow2(path('packed'), path('raw'), DEFAULT_LIMITS, signal, 60_000);
    }
    const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    expect(sha256(await readFile(path('raw')))).toBe(sha256(bytes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);
