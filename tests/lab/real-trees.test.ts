import { expect, test } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { Ledger } from '../../src/lab/ledger.ts';
import { record } from '../../src/lab/record/record.ts';
import { replay } from '../../src/lab/record/replay.ts';
import { sanitised } from '../../src/lab/record/sanitise.ts';
import type { Tree } from '../../src/lab/record/tree.ts';
import { readArchives } from './archives.ts';

// Trees of real machines, where somebody has them: a folder of *.tar.gz, named by INGOT_REDFISH_TREES. Where it names
// none, vitest.config.ts leaves this file out.
const trees = process.env['INGOT_REDFISH_TREES'] ?? '';
const credentials = { name: 'reader', password: 'reading' };

/** Links of a tree that lead nowhere in it. */
function broken(tree: Tree): number {
  let count = 0;
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, v] of Object.entries(value)) {
        if (key === '@odata.id' && typeof v === 'string' && !v.includes('#'))
          count += tree.has(v.replace(/(.)\/+$/, '$1')) ? 0 : 1;
        else look(v);
      }
    }
  };
  for (const json of tree.values()) look(json);
  return count;
}

test('trees of real machines are read, sanitised without breaking a link, replayed and recorded again', async () => {
  for (const [archive, tree] of await readArchives(trees)) {
    expect(tree.size).toBeGreaterThan(1_000);
    const clean = sanitised(tree, Buffer.alloc(32, 1));
    expect(clean.size).toBe(tree.size);
    expect(broken(clean)).toBe(broken(tree));
    const system = [...tree].find(([path]) => /^\/redfish\/v1\/Systems\/[^/]+$/.test(path));
    const serial = String(system?.[1]['SerialNumber']);
    expect(serial.length).toBeGreaterThan(3);
    expect(JSON.stringify([...clean])).not.toContain(serial);
    const served = await replay(clean, {
      name: archive,
      ledger: new Ledger(),
      credentials,
      address: '127.0.0.1',
      port: 0,
    });
    const login = { user: 'reader', password: new Secret('reading'), verify: false };
    const recording = await record(served.server.url, { ...login, limit: 400, concurrency: 4 });
    expect(recording.tree.size).toBeGreaterThan(300);
    await served.server.close();
  }
});
