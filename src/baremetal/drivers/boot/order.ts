import type { BootMethod } from '#contracts/boot';
import type { Document, Node } from '../../model/node.ts';

/** Where in driver_internal_info it stands what was tried to boot the node. */
export const NOTE = 'boot_path';

const METHODS: readonly BootMethod[] = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'];

/** The way the node was told to boot last; null when none is open. */
export function tried(node: Pick<Node, 'driverInternalInfo'>): BootMethod | null {
  const { method } = noteOf(node);
  return METHODS.find((one) => one === method) ?? null;
}

/**
 * Methods to try, best first: those that failed this node come last. Says in `reasons` why one is put back.
 */
export function nextPath(
  node: Pick<Node, 'driverInternalInfo'>,
  available: readonly BootMethod[],
  reasons: Record<string, string>,
): BootMethod[] {
  const failed = failedOf(node);
  for (const method of failed)
    if (available.includes(method)) reasons[method] ??= 'the machine did not come up by it the last time';
  return [
    ...available.filter((method) => !failed.includes(method)),
    ...available.filter((method) => failed.includes(method)),
  ];
}

/** What is kept while the machine boots: by what, and why not by others. */
export function openNote(
  node: Pick<Node, 'driverInternalInfo'>,
  method: BootMethod | null,
  reasons: Readonly<Record<string, string>>,
  at: number,
): Document {
  return { method, at, reasons: { ...reasons }, failed: failedOf(node), interface: 'auto' };
}

/** What is kept after a boot: one that worked clears what failed; one that did not joins it. */
export function afterBoot(node: Pick<Node, 'driverInternalInfo'>, worked: boolean): Document | undefined {
  const method = tried(node);
  if (worked) return undefined;
  const failed = [...failedOf(node).filter((one) => one !== method), ...(method === null ? [] : [method])];
  return { method: null, failed, interface: 'auto' };
}

function failedOf(node: Pick<Node, 'driverInternalInfo'>): BootMethod[] {
  const { failed } = noteOf(node);
  return Array.isArray(failed) ? METHODS.filter((method) => failed.includes(method)) : [];
}

/** What is kept of the node's boots; empty when nothing is. */
export function noteOf(node: Pick<Node, 'driverInternalInfo'>): Document {
  const note = node.driverInternalInfo[NOTE];
  return typeof note === 'object' && note !== null ? (note as Document) : {};
}
