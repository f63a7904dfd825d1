import { Command, Option } from 'commander';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { EXIT, usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmlessJson } from '../output/cell.ts';
import { Output, ROW_FORMATS, type OutputOptions } from '../output/output.ts';
import { addLoginOptions, allFound, begin, follow, type Found, list, type Search, stop } from './search.ts';
import { asLine, asProgress } from './told.ts';
import type { Client } from '#sdk/client';

/** `ingot discover`: finds the BMCs of a network. */
export function command(): Command {
  return addLoginOptions(usageExits(addCloudOptions(new Command('discover'))))
    .description(
      'Search networks for BMCs: 192.0.2.0/24, 192.0.2.10-40, bmc7.example.org, each with :port or :port-port. Places are first asked without a login; a BMC that no node drives yet is then logged in to once. The search is work of the conductors: it goes on when this command is interrupted (--follow ID looks again), and when a conductor dies.',
    )
    .argument('[places...]', 'where to look')
    .option('--concurrency <n>', 'places looked at at once (32)')
    .option('--wait-ms <ms>', 'what a place may take to answer (2000)')
    .option('--detach', 'start it and print its id')
    .option('--follow <id>', 'look at a search that was started before')
    .option('--stop <id>', 'stop one')
    .option('--list', 'list searches')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', ...ROW_FORMATS]).default('text'))
    .action((places: string[], options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        if (options['list'] === true) return rows(options, await list(client));
        if (typeof options['stop'] === 'string') return stop(client, options['stop']);
        const id =
          typeof options['follow'] === 'string' ? options['follow'] : (await begin(client, places, options)).id;
        if (options['detach'] === true) process.stdout.write(`${id}\n`);
        else await watch(client, id, options);
      }),
    );
}

async function watch(client: Client, id: string, options: Record<string, unknown>): Promise<void> {
  const text = options['format'] === 'text';
  const live = process.stderr.isTTY === true;
  const wipe = live ? '\r\u001b[K' : '';
  const away = new AbortController();
  process.once('SIGINT', () => away.abort(new Error('interrupted')));
  let before = '';
  const far = (search: Search) => {
    const now = asProgress(search);
    if (now !== before) process.stderr.write(live ? `${wipe}${now}` : `${now}\n`);
    before = now;
  };
  let end: Search;
  try {
    end = await follow(
      client,
      id,
      {
        found: (one) => {
          if (!text) return;
          process.stderr.write(wipe);
          process.stdout.write(`${asLine(one)}\n`);
        },
        far,
      },
      away.signal,
    );
  } catch (error) {
    if (!away.signal.aborted) throw error;
    process.stderr.write(`${wipe}The search goes on; look again with: ingot discover --follow ${id}\n`);
    process.exitCode = EXIT.wait;
    return;
  }
  process.stderr.write(live ? '\n' : '');
  const found = await allFound(client, id);
  if (text) commands(found);
  else if (options['format'] === 'json') process.stdout.write(`${harmlessJson(found, 2)}\n`);
  else {
    await rows(
      options,
      found.map((one) => ({ ...one, error: one.error?.message ?? null, command: one.command })),
    );
  }
  if (end.state === 'failed') process.stderr.write(`ingot: the search failed: ${end.error ?? 'nobody knows why'}\n`);
  if (end.state !== 'done') process.exitCode = EXIT.refused;
}

/** What enrols those that no node drives. */
function commands(found: readonly Found[]): void {
  const free = found.filter((one) => one.node_uuid === null && one.command !== null);
  if (free.length > 0) process.stdout.write(`\n${free.map((one) => one.command).join('\n')}\n`);
}

const COLUMNS = ['place', 'driver', 'vendor', 'model', 'serial', 'power_state', 'macs', 'node_uuid', 'error'];

async function rows(options: Record<string, unknown>, all: Record<string, unknown>[]): Promise<void> {
  const format = options['format'] === 'text' ? 'table' : options['format'];
  const out = new Output({
    format: format as OutputOptions['format'],
    columns: [],
    sortColumns: [],
    noIndent: false,
    width: process.stdout.isTTY ? process.stdout.columns : 0,
    write: (text) => void process.stdout.write(text),
  });
  const isSearch = all[0] !== undefined && 'scanned' in all[0];
  await out.rows(
    isSearch || all.length === 0 ? ['id', 'state', 'total', 'scanned', 'found', 'enrolled', 'created_at'] : COLUMNS,
    all,
  );
}
