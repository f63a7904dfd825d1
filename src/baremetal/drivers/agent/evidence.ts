import type { InterfaceKind } from '../../model/interfaces.ts';
import type { Document } from '../../model/node.ts';
import type { Proof } from '../../model/proof.ts';
import type { DriverCall } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { errors } from './errors.ts';

/** Steps after which the data of a former user is out of reach: everything overwritten, or at least its metadata. */
export const ERASES: ReadonlySet<string> = new Set([
  'erase_devices',
  'erase_devices_express',
  'erase_devices_metadata',
]);

/**
 * Keeps what an erase step reported, device by device. Throws EraseUnproven for a device that the agent itself could
 * not verify: the node must not become available.
 */
export async function keepErase(
  context: AgentContext,
  call: DriverCall,
  kind: InterfaceKind,
  step: string,
  result: unknown,
): Promise<void> {
  if (kind !== 'deploy' || !ERASES.has(step)) return;
  const proofs = readErase(`${kind}.${step}`, result);
  await context.records.keepProofs(call.node, call.lease.host, proofs);
  const failed = proofs.filter((proof) => proof.outcome === 'failed');
  if (failed.length > 0) {
    throw errors.EraseUnproven(failed.map((proof) => `${proof.device}: read back, it still held data`).join('; '));
  }
}

/**
 * What an erase step reported, as proofs. Ingot's agent gives `devices` with samples read back; ironic-python-agent
 * gives a dictionary by device, or nothing, which stands for the machine as a whole.
 */
export function readErase(step: string, result: unknown): Proof[] {
  const given = typeof result === 'object' && result !== null ? (result as Document) : {};
  const { devices } = given;
  if (Array.isArray(devices)) {
    const proofs = (devices as unknown[]).map((one): Proof => {
      const evidence = (typeof one === 'object' && one !== null ? one : {}) as Document;
      const outcome = evidence['verified'] === true ? 'erased' : 'failed';
      return { step, device: nameOf(evidence), outcome, evidence };
    });
    const skipped = Array.isArray(given['skipped']) ? given['skipped'] : [];
    if (proofs.length === 0) return [{ step, device: null, outcome: 'erased', evidence: { devices: [], skipped } }];
    return skipped.length === 0
      ? proofs
      : [...proofs, { step, device: null, outcome: 'checked', evidence: { skipped } }];
  }
  const names = Object.keys(given).filter((name) => name.startsWith('/dev/'));
  if (names.length === 0) {
    return [{ step, device: null, outcome: 'erased', evidence: { reported: 'the step succeeded, without details' } }];
  }
  return names.map((device) => ({ step, device, outcome: 'erased', evidence: { reported: given[device] ?? null } }));
}

/** Names may change from start to start; a serial number goes with the drive. */
function nameOf(evidence: Document): string {
  const parts = [evidence['device'], evidence['serial']].filter((one) => typeof one === 'string' && one !== '');
  return parts.length === 0 ? 'unnamed' : parts.join(' ');
}
