import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '#kernel/run';
import { openTestDatabase } from '#store/testing';
import { scratchDir } from './database.ts';

const PROGRAM = fileURLToPath(new URL('./programs/lab.ts', import.meta.url));

test('two tenants with one range, an outside, and machines behind a switch, on real OVN', {
  timeout: 240_000,
}, async () => {
  const database = await openTestDatabase();
  const dir = await scratchDir();
  try {
    const inside = ['--pdeathsig', 'KILL', 'unshare', '-Urnmpf', '--mount-proc', '--kill-child'];
    const program = [process.execPath, PROGRAM, database.url, join(dir, 'w')];
    const { stdout } = await run('setpriv', [...inside, ...program], { timeoutMs: 220_000 });
    const { seen, times } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    process.stdout.write(process.env['INGOT_SHOW_TIMES'] === undefined ? '' : `${JSON.stringify(times)}\n`);
    expect(seen).toEqual({
      states: ['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE'],
      'lease a1': '10.0.0.11',
      'lease a2': '10.0.0.12',
      'lease b1': '10.0.0.11',
      'lease b2': '10.0.0.12',
      'lease m1': '10.0.0.50',
      'lease m2': '10.6.0.60',
      'lease v1': '10.6.0.61',
      'a1 pings a2': true,
      'a1 reads .12': 'a2',
      'b1 reads .12': 'b2',
      'a2 pings machine': true,
      'a2 reads machine': 'm1',
      'machine reads a2': 'a2',
      'vlan vm pings vlan machine': true,
      'vlan machine pings vlan vm': true,
      'overlay machine pings vlan machine': false,
      // Behind the router's address, but for who has an address of its own out there.
      'outside seen from a2': '192.0.2.10',
      'outside seen from a1': '192.0.2.20',
      'outside seen from machine': '192.0.2.10',
      'floating ip before the rule': null,
      'floating ip after the rule': 'a1',
      'floating ip, other port': null,
      'forwarded port': 'a2',
      'forwarded address, other port': null,
      'spoofed address': false,
      'machine with a spoofed address': false,
      'spoofed mac': false,
      'back to its own mac': true,
      'lease after the crash': 'yes',
      'a3 reads a1': 'a1',
      'not understood': [],
      refused: {},
    });
  } finally {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
});
