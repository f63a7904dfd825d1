// Runs a script of tools/ or bench/ through the Node this project brings: node tools/run.mjs tools/generate.ts
import { resolve } from 'node:path';
import { checkNode, ensureInstalled, handOver, root } from '../bin/bootstrap.mjs';

checkNode();
ensureInstalled({ dev: true });
const [script, ...args] = process.argv.slice(2);
handOver([resolve(root, script ?? ''), ...args], { smallHeap: false });
