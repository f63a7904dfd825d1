import { Argument, Command } from 'commander';
import { usageExits } from '../exit.ts';
import { completionScript, SHELLS, type Shell } from './scripts.ts';
import { places } from './words.ts';

/** `ingot completion`: prints the script that makes a shell complete every command. */
export function command(): Command {
  return usageExits(new Command('completion'))
    .description(
      'Print the script that makes a shell complete ingot: source <(ingot completion bash) in ~/.bashrc; fish: ingot completion fish | source.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { COMMANDS } = await import('../registry.ts');
      const root = new Command('ingot');
      for (const entry of COMMANDS.filter(({ hidden }) => !hidden)) {
        root.addCommand((await entry.load()).command().summary(entry.summary));
      }
      process.stdout.write(completionScript(shell, places(root)));
    });
}
