import { Command, Option } from 'commander';
import { addConfigFlags, configInput } from './flags.ts';

/** `ingot up`: runs until it is told to stop. */
export function command(): Command {
  return addConfigFlags(new Command('up'))
    .description(
      'Run Ingot. Without flags: every role and its own PostgreSQL in this one process, data in /var/lib/ingot (root) or ~/.local/share/ingot. Ctrl-C stops all of it.',
    )
    .addOption(new Option('--rehearse', 'with a rack, where no setting says otherwise').hideHelp())
    .action(async (options: Record<string, unknown>) => {
      const { serve } = await import('./serve.ts');
      await serve(configInput(options), { rehearse: options['rehearse'] === true });
    });
}
