import { isUuid } from '#kernel/ids';
import { IngotError } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { isValidName, RESERVED_NODE_NAMES } from '../model/names.ts';
import { findNode } from './find-node.ts';
import { badLink } from './node-conflicts.ts';

/** Refuses a name no node may have. `refusal` is the sentence for one with wrong characters. */
export function checkNodeName(name: string, version: number, refusal: string): void {
  if (!isValidName(name, version)) throw errors.Invalid(refusal);
  if ((RESERVED_NODE_NAMES as readonly string[]).includes(name)) {
    throw errors.NameReserved(name, RESERVED_NODE_NAMES.join(', '));
  }
}

/** A conductor group in its stored form. Throws 400 for characters it may not have. */
export function readConductorGroup(group: string): string {
  if (!/^[a-zA-Z0-9_.-]*$/.test(group)) throw errors.InvalidConductorGroup(group);
  return group.toLowerCase();
}

/** Properties that have to be counts, whether written as numbers or as text. */
const COUNTS = ['cpus', 'local_gb', 'memory_mb'];

/** Refuses properties that are no counts where schedulers read counts. */
export function checkProperties(node: string, properties: unknown): void {
  if (typeof properties !== 'object' || properties === null) return;
  const wrong = COUNTS.filter((name) => {
    const value = (properties as Record<string, unknown>)[name] ?? null;
    if (value === null) return false;
    return !(typeof value === 'number' ? value >= 0 : typeof value === 'string' && /^\s*\+?\d+\s*$/.test(value));
  });
  if (wrong.length === 0) return;
  throw errors.InvalidParameterValue(
    `The following properties for node ${node} should be non-negative integers, but provided values are: ` +
      wrong.map((name) => `${name}=${String((properties as Record<string, unknown>)[name]).slice(0, 40)}`).join(', '),
  );
}

/** Refuses `capabilities:boot_mode` values the operator does not want enrolled. */
export function checkBootMode(deps: BaremetalDeps, properties: unknown): void {
  const refused = deps.config.api.disallowedEnrollmentBootModes;
  const capabilities = (properties as Record<string, unknown> | null)?.['capabilities'];
  if (refused.length === 0 || typeof capabilities !== 'string') return;
  for (const item of capabilities.toLowerCase().split(',')) {
    const [key, value] = item.split(':').map((word) => word.trim());
    if (key === 'boot_mode' && value !== undefined && refused.includes(value)) {
      throw errors.BootModeNotAllowed(value, 'provisioning');
    }
  }
}

/**
 * Finds the node a link is to lead to: visible to the caller and of the same owner. Throws the same 400 in every
 * other case, so that nobody learns which nodes exist. Gives its UUID.
 */
export async function linkedNode(
  deps: BaremetalDeps,
  access: Access,
  field: string,
  ident: string,
  owner: string | null,
  version: number,
): Promise<string> {
  try {
    const node = await findNode(deps, access, ident, version, []);
    if (node.owner !== owner) throw badLink(field, ident);
    return node.uuid;
  } catch (error) {
    throw error instanceof IngotError && error.status < 500
      ? badLink(field, isUuid(ident) ? ident : ident.slice(0, 100))
      : error;
  }
}
