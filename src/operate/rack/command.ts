import { Command } from 'commander';

/** `ingot rack-inside`: what `launch.ts` starts in the namespace it makes. */
export function command(): Command {
  return new Command('rack-inside')
    .description(
      'Started by `ingot up --lab emulated` in a namespace of its own; reads what to run from standard input.',
    )
    .action(async () => {
      const { runInside } = await import('./inside.ts');
      await runInside();
    });
}
