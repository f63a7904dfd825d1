import { messageOf } from '#kernel/errors';
import { SdkError } from '#sdk/errors';
import { harmless } from '../output/cell.ts';

/** What a person is told of an error: what the server said, its status, and the id to look for in its log. */
export function sentenceOf(error: unknown): string {
  const text = harmless(messageOf(error));
  if (!(error instanceof SdkError) || error.status === 0) return text;
  const id = error.requestId === undefined ? '' : `, request ${error.requestId}`;
  return `${text} (HTTP ${error.status}${id})`;
}
