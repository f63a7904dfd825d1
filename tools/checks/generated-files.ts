import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from '../generate/generated.ts';
import { type Check, root } from './check.ts';

export const generatedFiles: Check = {
  name: 'generated files',
  async run() {
    const problems: string[] = [];
    for (const [path, make] of Object.entries(GENERATED)) {
      const file = join(root, path);
      const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (present !== (await make())) problems.push(`${path}: is not what the source gives: npm run generate`);
    }
    return problems;
  },
};
