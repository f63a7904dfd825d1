// npm test: installs what is missing, then runs every check and test (npm test -- <filter> for some).
import { join } from 'node:path';
import { checkNode, ensureInstalled, handOver, root } from './bootstrap.mjs';

checkNode();
ensureInstalled({ dev: true });
// vitest's workers are large, and short-lived: V8's own heap sizes.
handOver(['--disable-warning=ExperimentalWarning', join(root, 'tools', 'test.ts'), ...process.argv.slice(2)], {
  smallHeap: false,
});
