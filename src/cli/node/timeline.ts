import { Command, Option } from 'commander';
import { baremetal } from '#sdk/generated/baremetal';
import type { Connection } from '#sdk/connection';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmlessJson } from '../output/cell.ts';
import { drawTimeline, type Timeline, type Work } from './draw.ts';

/** Reads the timelines of a node. */
export async function readWork(connection: Connection, node: string, query: Record<string, unknown>): Promise<Work> {
  return (await connection.loose(baremetal.nodeTimelineList, { params: { node_ident: node }, query })) as Work;
}

/** `ingot node timeline NODE`: where the time went. */
export function timeline(): Command {
  return usageExits(new Command('timeline'))
    .summary('draw where the time of deploys, cleanings and the like went')
    .description(
      'Draws how an operation spent its time: what the machine did, and how long it waited for Ingot. The operation in hand is shown as far as it is, with bytes and what is left.',
    )
    .argument('<node>', 'UUID or name of the node')
    .option('-n, --last <n>', 'how many, newest first', '1')
    .option('--operation <name>', 'only deploy, clean, inspect, undeploy…')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((node: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const limit = Math.min(1000, Math.max(1, Math.trunc(Number(options['last'])) || 1));
        const work = await readWork(client.baremetal, node, { limit, operation: options['operation'] });
        if (options['format'] === 'json') {
          process.stdout.write(`${harmlessJson(work, 2)}\n`);
          return;
        }
        const width = process.stdout.isTTY ? process.stdout.columns : 100;
        const all: Timeline[] = [...(work.current === null ? [] : [work.current]), ...work.timelines];
        if (all.length === 0) process.stdout.write('Nothing was done to this node yet.\n');
        process.stdout.write(all.map((one) => drawTimeline(one, width)).join('\n'));
      }),
    );
}
