import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('..', import.meta.url));

// A NOTIFY makes PostgreSQL hold one lock for the whole cluster over the commit: group commit is lost, and
// with it most of the writes a second. The listener sends after commits, in transactions of their own.
test('nobody sends notifications but the listener', () => {
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|sql)$/.test(name) && !name.endsWith('.test.ts'))
    .filter((name) =>
      /pg_notify\s*\(|['"`;\n]\s*notify\s+[a-z_]+\s*[,;'"`]/i.test(readFileSync(join(src, name), 'utf8')),
    );
  expect(found).toEqual(['store/listen.ts']);
});
