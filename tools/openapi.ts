// node tools/run.mjs tools/openapi.ts: writes openapi/<door>.json for every door; with --check it only tells which
// files are not what the route tables say (exit 1). `npm run generate` and `npm test` do the same for all generated files.
import { join } from 'node:path';
import { syncOpenapiFiles } from '#http/openapi-files';
import { root } from './checks/check.ts';
import { DOORS } from './generate/doors.ts';

const check = process.argv.includes('--check');
const drifted = syncOpenapiFiles(join(root, 'openapi'), DOORS, !check);
for (const file of drifted) console.log(`openapi/${file}: ${check ? 'is not what the routes say' : 'written'}`);
if (check && drifted.length > 0) process.exitCode = 1;
