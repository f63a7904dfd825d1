import type { Command } from 'commander';

/** How a command ended: what scripts look at. */
export const EXIT = { ok: 0, refused: 1, usage: 2, wait: 3 } as const;

/** Makes the parser end with code 2 on what cannot be meant (its own is 1, which means that a server refused). */
export function usageExits(command: Command): Command {
  return command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  });
}
