import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '#kernel/run';
import { openTestDatabase } from '#store/testing';
import { scratchDir } from './database.ts';

const PROGRAM = fileURLToPath(new URL('./programs/scenario.ts', import.meta.url));

test("tenants with one range, told by Debian's openstack client alone, on the whole program with its own OVN", {
  timeout: 240_000,
}, async (context) => {
  context.skip(!existsSync('/usr/bin/openstack'), 'because python3-openstackclient is not installed');
  const database = await openTestDatabase();
  const dir = await scratchDir();
  try {
    const inside = ['--pdeathsig', 'KILL', 'unshare', '-Urnmpf', '--mount-proc', '--kill-child'];
    const program = [process.execPath, PROGRAM, database.url, join(dir, 'w')];
    const { stdout } = await run('setpriv', [...inside, ...program], { timeoutMs: 220_000 });
    const { seen, times } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    process.stdout.write(process.env['INGOT_SHOW_TIMES'] === undefined ? '' : `${JSON.stringify(times)}\n`);
    expect(seen).toEqual({
      'floating ip': { status: 'ACTIVE', fixed: '10.0.0.11' },
      'lease r1': '10.0.0.11',
      'lease r2': '10.0.0.12',
      'lease b1': '10.0.0.11',
      'lease b2': '10.0.0.12',
      'red reads its neighbour': 'r2',
      'blue reads its neighbour': 'b2',
      'outside sees red 1 as': 'the floating address',
      'outside sees red 2 as': 'the router',
      'blue, without a router, reaches the outside': null,
      'outside reads the floating address': 'r1',
      'without the rule it does not': true,
      'with it again it does': true,
      states: ['ACTIVE', 'ACTIVE'],
      agents: ['Baremetal Node: true', 'OVN Controller Gateway agent: true'],
      'the router is in use': true,
      'red has nothing left': [],
      'in OVN there is': true,
      'blue reads its neighbour still': 'b2',
      done: true,
      complaints: [],
    });
  } finally {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
});
