import type { Reader } from '#store/contract';
import type { Document } from '../model/node.ts';
import { prepared } from './prepared.ts';

/** Changes what is noted with the step at hand of a node still at `revision`. False when it is not. */
export async function flagStep(
  reader: Reader,
  nodeUuid: string,
  flow: 'clean' | 'deploy' | 'service',
  step: Document,
  revision: bigint,
): Promise<boolean> {
  const text = `update nodes set ${flow}_step = $2, revision = revision + 1, updated_at = now()
    where uuid = $1 and revision = $3::bigint returning uuid`;
  return (await reader.query(prepared(text, [nodeUuid, JSON.stringify(step), revision]))).length > 0;
}
