import { newUuid } from '#kernel/ids';

/**
 * A name for new work on a node that no other work has or had. UUID and revision are not enough: a node can be enrolled
 * again under the UUID of one that is gone, and what has a known name counts as done already.
 */
export function newOperationId(node: { uuid: string; revision: bigint }, name: string): string {
  return `${node.uuid}:${name}:${node.revision}:${newUuid().slice(0, 8)}`;
}
