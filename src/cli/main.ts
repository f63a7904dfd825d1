import { Command } from 'commander';
import { IngotError } from '#kernel/errors';
import { VERSION } from '#platform/version';
import { COMMANDS } from './registry.ts';

/** `ingot help up` means `ingot up --help`. */
function asTyped(argv: readonly string[]): string[] {
  return argv[0] === 'help' && argv.length > 1 ? [...argv.slice(1), '--help'] : [...argv];
}

async function program(argv: readonly string[]): Promise<Command> {
  const ingot = new Command('ingot')
    .description('The bare metal cloud: physical machines the way a cloud gives virtual ones.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(ingot --help shows the commands)');
  const chosen = argv.find((word) => !word.startsWith('-'));
  for (const entry of COMMANDS) {
    const command = entry.name === chosen ? (await entry.load()).command() : new Command(entry.name);
    ingot.addCommand(command.summary(entry.summary).helpGroup(entry.group), { hidden: entry.hidden ?? false });
  }
  return ingot;
}

/** One sentence for what a person can mend; the stack only for what is our own fault. */
function report(error: unknown): void {
  if (error instanceof IngotError) {
    for (const sentence of error.message.split('\n')) process.stderr.write(`ingot: ${sentence}\n`);
    if (process.env['INGOT_DEBUG']) process.stderr.write(`${error.stack ?? ''}\n`);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`ingot: this is a fault in Ingot, please report it:\n${stack}\n`);
  }
  process.exitCode = 1;
}

// A reader that went away (`ingot config show | head`) and a terminal that was closed are no errors of ours: a program
// that runs must still stop in order.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

const argv = asTyped(process.argv.slice(2));
try {
  await (await program(argv)).parseAsync(argv, { from: 'user' });
} catch (error) {
  report(error);
}
