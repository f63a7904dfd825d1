// npm run generate: writes the generated files that are checked in. `npm test` fails when one is out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './checks/check.ts';
import { GENERATED } from './generate/generated.ts';

for (const [path, make] of Object.entries(GENERATED)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), await make());
  console.log(`wrote ${path}`);
}
