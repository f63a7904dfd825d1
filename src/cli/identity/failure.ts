import { sentenceOf } from '../baremetal/sentence.ts';
import { EXIT } from '../exit.ts';

/** Runs a command's action; what was refused is told in one sentence, exit code 1. */
export async function told(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    for (const line of sentenceOf(error).split('\n')) process.stderr.write(`ingot: ${line}\n`);
    process.exitCode = EXIT.refused;
  }
}
