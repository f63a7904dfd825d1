import { Command, Option } from 'commander';
import { addConfigFlags, configInput } from './flags.ts';

/** `ingot config show`: every setting with its value and where the value came from. */
export function command(): Command {
  const config = new Command('config').description('Show the settings.');
  const show = new Command('show').summary('print every setting, its value and where that came from');
  addConfigFlags(show)
    .description('Print every setting, its value and where that came from. Secrets are masked.')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (options: Record<string, unknown>) => {
      const { showConfig } = await import('./config-show.ts');
      process.stdout.write(showConfig(configInput(options), options['format'] === 'json'));
    });
  return config.addCommand(show);
}
