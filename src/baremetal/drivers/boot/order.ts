import type { BootMethod } from '#contracts/boot';
import type { Document, Node } from '../../model/node.ts';

/** Where in driver_internal_info it stands what was tried to boot the node. */
export const NOTE = 'boot_path';

/** Setting of a node: its own order of ways. */
export const OWN_ORDER = 'boot_methods';

const METHODS: readonly BootMethod[] = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'];

/** A way that failed is tried in its turn again after this: somebody may have put it in order. */
const FORGET_MS = 24 * 3_600_000;

type Booted = Pick<Node, 'driverInternalInfo' | 'operationId'>;

/** Where in driver_internal_info it stands when the machine was last seen to ignore a one-time boot. */
const IGNORED_NOTE = 'one_time_boot_ignored_at';

/** Then it is given another chance: its firmware may have been updated. */
const IGNORED_FOR_MS = 30 * 24 * 3_600_000;

/** Does the machine ignore boot devices for one start, so that it must be told one that stays? */
export function ignoresOnce(node: Pick<Node, 'driverInternalInfo'>, now: number): boolean {
  const at = node.driverInternalInfo[IGNORED_NOTE];
  return typeof at === 'number' && now - at < IGNORED_FOR_MS;
}

/** What is kept of a machine that ignored one; the open way is to be tried again. */
export function ignored(node: Booted, now: number): Document {
  return { [IGNORED_NOTE]: now, [NOTE]: { ...noteOf(node), method: null } };
}

/** Was the machine told a boot device that stays? It has to be taken back. */
export const staysSet = (node: Pick<Node, 'driverInternalInfo'>): boolean => noteOf(node)['stays'] === true;

/** A way that did not bring the machine up in the operation at hand. */
export interface TriedWay {
  method: BootMethod;
  /** How long it was waited for. */
  seconds: number;
  /** How far the machine came, in a sentence. */
  summary: string;
}

/** The way the node was told to boot last; null when none is open. */
export function tried(node: Pick<Node, 'driverInternalInfo'>): BootMethod | null {
  const { method } = noteOf(node);
  return METHODS.find((one) => one === method) ?? null;
}

/** The methods of this deployment in the order the node asks for, or in the deployment's own; others are left out. */
export function orderFor(node: Pick<Node, 'driverInfo'>, available: readonly BootMethod[]): BootMethod[] {
  const own = node.driverInfo[OWN_ORDER];
  const words = Array.isArray(own) ? own.map(String) : typeof own === 'string' ? own.split(',') : [];
  const wanted = words.map((word) => word.trim()).filter((word) => word !== '');
  if (wanted.length === 0) return [...available];
  return [...new Set(wanted)].flatMap((word) => available.filter((method) => method === word));
}

/** Words in a node's own order that name no way to boot. */
export function unknownMethods(node: Pick<Node, 'driverInfo'>): string[] {
  const own = node.driverInfo[OWN_ORDER];
  if (own === undefined || own === null) return [];
  const words = Array.isArray(own) ? own.map(String) : String(own).split(',');
  const known = new Set<string>(METHODS);
  return words.map((word) => word.trim()).filter((word) => word !== '' && !known.has(word));
}

/**
 * Methods to try, best first: those that failed this node lately come last, those that failed in this very operation
 * not at all. Says in `reasons` why one is put back.
 */
export function nextPath(
  node: Booted,
  available: readonly BootMethod[],
  reasons: Record<string, string>,
  now: number,
): BootMethod[] {
  const failed = failedOf(node, now);
  const gone = triedWays(node);
  for (const method of failed)
    if (available.includes(method)) reasons[method] ??= 'the machine did not come up by it the last time';
  for (const { method, summary } of gone) reasons[method] = `tried just now: ${summary}`;
  const left = available.filter((method) => !gone.some((one) => one.method === method));
  return [...left.filter((method) => !failed.includes(method)), ...failed.filter((method) => left.includes(method))];
}

/** What is kept while the machine boots: by what, why not by others, and what is left to try. */
export function openNote(
  node: Booted,
  method: BootMethod | null,
  reasons: Readonly<Record<string, string>>,
  at: number,
  others: readonly BootMethod[] = [],
): Document {
  return {
    method,
    at,
    reasons: { ...reasons },
    failed: failedOf(node, at),
    failed_at: failedAt(node),
    others: [...others],
    tried: triedWays(node),
    operation: node.operationId,
    interface: 'auto',
    ...(ignoresOnce(node, at) ? { stays: true } : {}),
  };
}

/** Ways left to try in this operation besides the open one. */
export function othersOf(node: Booted): BootMethod[] {
  const { others } = noteOf(node);
  return Array.isArray(others) ? METHODS.filter((method) => others.includes(method)) : [];
}

/** Ways that failed in the operation at hand, oldest first. */
export function triedWays(node: Booted): TriedWay[] {
  const note = noteOf(node);
  if (note['operation'] !== node.operationId || !Array.isArray(note['tried'])) return [];
  return note['tried'] as TriedWay[];
}

/** What is kept when the open way is given up and another is to be tried in the same operation. */
export function givenUp(node: Booted, now: number, summary: string): Document {
  const note = noteOf(node);
  const method = tried(node);
  const since = Number(note['at']);
  const way = method === null ? [] : [{ method, seconds: Math.round((now - since) / 1000) || 0, summary }];
  return { ...afterBoot(node, false, now), tried: [...triedWays(node), ...way], operation: node.operationId };
}

/**
 * What is kept after a boot: a way that worked is no failed one any more, and is what `explain` tells of until the next
 * boot (`booted`, and when it was offered); one that did not joins the failed.
 */
export function afterBoot(node: Booted, worked: boolean, now: number): Document | undefined {
  const method = tried(node);
  const failed = failedOf(node, now).filter((one) => one !== method);
  const at = failedAt(node);
  if (method !== null) delete at[method];
  if (!worked && method !== null) {
    failed.push(method);
    at[method] = now;
  }
  const ways = triedWays(node);
  const booted = worked && method !== null ? { booted: method, at: noteOf(node)['at'] } : undefined;
  if (failed.length === 0 && ways.length === 0 && booted === undefined) return undefined;
  return {
    method: null,
    ...booted,
    failed,
    failed_at: at,
    interface: 'auto',
    ...(ways.length === 0 ? {} : { tried: ways, operation: node.operationId }),
  };
}

function failedOf(node: Pick<Node, 'driverInternalInfo'>, now: number): BootMethod[] {
  const { failed } = noteOf(node);
  if (!Array.isArray(failed)) return [];
  const at = failedAt(node);
  // In the order in which they failed: the one that failed last comes last.
  return (failed as unknown[]).flatMap((one) => {
    const method = METHODS.find((known) => known === one);
    return method !== undefined && now - (at[method] ?? now) < FORGET_MS ? [method] : [];
  });
}

function failedAt(node: Pick<Node, 'driverInternalInfo'>): Record<string, number> {
  const at = noteOf(node)['failed_at'];
  return typeof at === 'object' && at !== null ? { ...(at as Record<string, number>) } : {};
}

/** What is kept of the node's boots; empty when nothing is. */
export function noteOf(node: Pick<Node, 'driverInternalInfo'>): Document {
  const note = node.driverInternalInfo[NOTE];
  return typeof note === 'object' && note !== null ? (note as Document) : {};
}
