import { type LabIo, type LabOptionValues, numberOption, passwordOption, textOption } from '../command.ts';
import { Ledger } from '../ledger.ts';
import { record } from '../record/record.ts';
import { replay } from '../record/replay.ts';
import { readTree, writeTree } from '../record/tree.ts';
import { interrupted } from './up.ts';

/** `ingot lab record URL FOLDER` */
export async function recordTree(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void> {
  const [url = '', folder = ''] = args;
  const recording = await record(url, {
    user: textOption(options, 'user') ?? 'root',
    password: await passwordOption(options),
    verify: options['insecure'] !== true,
    everything: options['everything'] === true,
    progress: (done, found) => io.progress(`${done} of ${found} resources`),
  });
  await writeTree(recording.tree, folder);
  io.write(
    `${recording.tree.size} resources in ${folder}. Serial numbers, addresses and names were replaced: look through it before you pass it on.\n`,
  );
  for (const [path, why] of recording.failed) io.write(`not recorded: ${path} (${why})\n`);
}

/** `ingot lab replay FOLDER`: serves until the signal. */
export async function replayTree(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void> {
  const tree = await readTree(args[0] ?? '');
  const credentials = {
    name: textOption(options, 'user') ?? 'admin',
    password: (await passwordOption(options, 'password')).reveal(),
  };
  const address = textOption(options, 'address') ?? '127.0.0.1';
  const served = await replay(tree, {
    name: 'replay',
    ledger: new Ledger(),
    credentials,
    address,
    port: numberOption(options, 'port'),
  });
  io.write(`${tree.size} resources at ${served.server.url}\n`);
  await interrupted(io.signal);
  await served.server.close();
}
