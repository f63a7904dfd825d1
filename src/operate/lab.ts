import { Command } from 'commander';
import { type LabIo, labCommands } from '#lab/command';

/** `ingot lab …`: racks to rehearse on. */
export function command(): Command {
  const lab = new Command('lab').description(
    'Emulated machines (QEMU) and simulated ones, with BMCs that speak Redfish and IPMI, to rehearse on.',
  );
  for (const one of labCommands) {
    const sub = lab.command(one.name, { hidden: one.hidden ?? false }).description(one.summary);
    for (const argument of one.args) sub.argument(argument);
    for (const { flags, says, otherwise } of one.options) {
      if (otherwise === undefined) sub.option(flags, says);
      else sub.option(flags, says, otherwise);
    }
    sub.action(async () => {
      await one.run(sub.args, sub.opts(), labIo());
    });
  }
  return lab;
}

function labIo(): LabIo {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(new Error('the lab was told to stop')));
  }
  const lively = process.stderr.isTTY;
  return {
    write: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    progress: (text) => void process.stderr.write(lively ? `\r\u001b[K${text}` : `${text}\n`),
    signal: stop.signal,
    // The rack's main program runs in a namespace of its own: this program again.
    inside: { program: process.execPath, args: [...process.execArgv, process.argv[1] ?? '', 'lab', 'inside'] },
  };
}
