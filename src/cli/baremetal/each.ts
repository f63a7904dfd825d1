import { SdkError } from '#sdk/errors';
import { type CommandContext, PartlyFailed } from './context.ts';
import { sentenceOf } from './sentence.ts';

/**
 * Does something to each target, one after another. What is refused for one does not keep it from the others; in the
 * end it throws `PartlyFailed` with a sentence for each. A server that does not answer ends it at once.
 */
export async function each(
  _context: CommandContext,
  targets: readonly string[],
  act: (target: string) => Promise<void>,
): Promise<void> {
  const refused: string[] = [];
  for (const target of targets) {
    try {
      await act(target);
    } catch (error) {
      if (!(error instanceof SdkError) || error.status === 0 || targets.length === 1) throw error;
      refused.push(`${target}: ${sentenceOf(error)}`);
    }
  }
  if (refused.length > 0) throw new PartlyFailed(refused.join('\n'));
}
