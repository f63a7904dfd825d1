import { Command, Option } from 'commander';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { ROW_FORMATS } from '../output/output.ts';

/** `ingot console NODE`. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('console')))
    .description(
      "A machine's console. Without options: connect this terminal to it (~. at the start of a line leaves). Its output is recorded always: --log reads that, --search looks in it.",
    )
    .argument('<node>', 'name or UUID')
    .addOption(new Option('--log', 'print what was recorded').conflicts(['search', 'status', 'url']))
    .addOption(new Option('--search <text>', 'print lines that hold a text').conflicts(['status', 'url', 'follow']))
    .addOption(new Option('--since <time>', 'from then on: 10m, 2h, 1d, or a date'))
    .addOption(new Option('--until <time>', 'until then'))
    .addOption(new Option('--tail <n>', 'only the last lines').argParser(Number))
    .addOption(new Option('-F, --follow', 'go on with what comes'))
    .addOption(new Option('--timestamps', 'say when each line came'))
    .addOption(new Option('--limit <n>', 'at most so many lines found').argParser(Number).default(1000))
    .addOption(new Option('--read-only', 'only watch'))
    .addOption(new Option('--status', 'show how it goes with the recording, and who is connected').conflicts(['url']))
    .addOption(new Option('--url', 'print the address of a page with the console, good once within a minute'))
    .addOption(new Option('--screen', 'with --url: the screen in place of the serial line'))
    .addOption(new Option('-f, --format <format>', 'of --search and --status').choices(ROW_FORMATS).default('table'))
    .action((node: string, options: Record<string, unknown>) =>
      told(async () => {
        const client = await chosenClient(options);
        const { openConsole } = await import('./modes.ts');
        await openConsole(client, node, options);
      }),
    );
}
