import { errors } from '../../errors.ts';
import type { Segment } from '../segment.ts';

/**
 * Lets no machine become available without proof that it was erased in this very operation: what its ramdisk
 * reported, as it is kept. Where the operator switched cleaning off that is written down in its place. Throws
 * EraseUnproven.
 */
export async function requireProof(segment: Segment, waived: boolean): Promise<void> {
  const { side, node, interfaces } = segment;
  if (interfaces.deploy.provesErase !== true) return;
  const operationId = node.operationId ?? '';
  if (waived) {
    const evidence = {
      by: node.automatedClean === false ? 'automated_clean of the node' : 'conductor.automated_clean',
    };
    const of = { nodeUuid: node.uuid, operationId, conductor: segment.call().lease.host };
    await side.proofs.keep(of, [{ step: 'waived', device: null, outcome: 'waived', evidence }]);
    return;
  }
  if ((await side.proofs.erasedBy(operationId)).length === 0) throw errors.EraseUnproven(node.uuid);
}
