import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '#kernel/run';
import { openWorkStore } from '#work/testing/store';
import { scratchDir } from './database.ts';

const PROGRAM = fileURLToPath(new URL('./programs/flip.ts', import.meta.url));

type Heard = Record<string, Record<string, number>>;

test('two tenants never hear one another through a whole cycle of their machines, and a wrong VLAN is heard at once', {
  timeout: 240_000,
}, async () => {
  const database = await openWorkStore();
  const dir = await scratchDir();
  try {
    const inside = ['--pdeathsig', 'KILL', 'unshare', '-Urnmpf', '--mount-proc', '--kill-child'];
    const program = [process.execPath, PROGRAM, database.url, join(dir, 'w')];
    const { stdout } = await run('setpriv', [...inside, ...program], { timeoutMs: 220_000 });
    const seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    if (process.env['INGOT_SHOW_TIMES'] !== undefined) process.stdout.write(`${JSON.stringify(seen, null, 1)}\n`);
    expect(seen['error']).toBeUndefined();
    expect(seen).toMatchObject({
      'm1 available': '[]',
      'm2 available': '[]',
      'm1 active': ['200', 'ACTIVE'],
      'm2 active': ['300', 'ACTIVE'],
      'm1 over': ['[]', 'DOWN'],
      'm2 over': ['[]', 'DOWN'],
      repaired: true,
    });
    const heard = seen['heard'] as Heard;
    const who = (name: string) => Object.keys(heard[name] ?? {}).sort();
    // Each was heard where it belongs: the capture works.
    expect(who('red')).toEqual(['m1']);
    expect(who('blue')).toEqual(['m2']);
    expect(who('server')).toEqual(['m1', 'm2']);
    expect(who('m1')).toEqual(['red', 'server']);
    expect(who('m2')).toEqual(['blue', 'server']);
    expect(who('bmc')).toEqual([]);
    // And it bites.
    const wrong = seen['heard while wrong'] as Heard;
    expect(wrong['m2']?.['red']).toBeGreaterThan(0);
    expect(wrong['red']?.['m2']).toBeGreaterThan(0);
  } finally {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
});
