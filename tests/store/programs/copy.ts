// Carries everything from one database to another and says how much memory that took at most, in megabytes.
import { PassThrough } from 'node:stream';
import { exportDatabase } from '#store/archive/export';
import { importDatabase } from '#store/archive/import';

const [from = '', to = ''] = process.argv.slice(2);
const through = new PassThrough();
const [, done] = await Promise.all([
  exportDatabase({ url: from }, through).finally(() => through.end()),
  importDatabase({ url: to }, through),
]);
process.stdout.write(`${JSON.stringify({ rows: done.rows, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`);
