import { Command } from 'commander';
import { switches } from '#sdk/generated/switches';
import { chosenClient } from '../cloud-options.ts';
import { EXIT, usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { addFormat, printer } from './printed.ts';

/** A port as the API tells it. */
export interface Port {
  port: string;
  plan: Record<string, unknown> | null;
  owner: string | null;
  state: string;
  error: { code: string; message: string } | null;
  found: string | null;
  differences: { what: string; wanted: string; found: string }[];
}

const COLUMNS = ['port', 'state', 'owner', 'found', 'difference'];

/** A port as a row. */
export const portRow = (port: Port): Record<string, unknown> => ({
  ...port,
  difference:
    port.error?.message ??
    port.differences.map(({ what, wanted, found }) => `${what}: ${found}, wanted ${wanted}`).join('; '),
});

/** `ingot switch ports NAME`. */
export function ports(): Command {
  return addFormat(usageExits(new Command('ports')))
    .summary('list the ports of a switch')
    .description('Lists ports: who wants something of them, how they read, and what is not as wanted.')
    .argument('<switch>', 'id, name or chassis MAC')
    .option('--fresh', 'ask the switch now')
    .action((said: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const query = options['fresh'] === true ? { fresh: true } : {};
        const found = await client.operations.loose(switches.switchPorts, { params: { switch: said }, query });
        await printer(options).rows(COLUMNS, (found as { ports: Port[] }).ports.map(portRow));
      }),
    );
}

/** `ingot switch diff [NAME]`: asks, and ends with 1 when anything is not as wanted. */
export function diff(): Command {
  return addFormat(usageExits(new Command('diff')))
    .summary('show which ports are not as wanted')
    .description(
      'Asks the switch (or all of them) and lists the ports that are not as wanted. Ends with code 1 when there are any.',
    )
    .argument('[switch]', 'id, name or chassis MAC; all when left out')
    .option('--known', 'do not ask; compare with what was read last')
    .action((said: string | undefined, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const all = (await client.operations.loose(switches.switchList, {})) as { switches: { name: string }[] };
        const names = said === undefined ? all.switches.map(({ name }) => name) : [said];
        const rows: Record<string, unknown>[] = [];
        for (const name of names) {
          const query = { differing: true, ...(options['known'] === true ? {} : { fresh: true }) };
          const found = await client.operations.loose(switches.switchPorts, { params: { switch: name }, query });
          rows.push(...(found as { ports: Port[] }).ports.map((port) => ({ ...portRow(port), switch: name })));
        }
        if (rows.length === 0 && options['format'] === 'table') process.stdout.write('Every port is as wanted.\n');
        else await printer(options).rows(['switch', ...COLUMNS], rows);
        if (rows.length > 0) process.exitCode = EXIT.refused;
      }),
    );
}
