import { isUuid } from '#kernel/ids';
import { VERSION_RULES } from './version-rules.ts';

/** RFC 3986's unreserved characters; what names may be made of since 1.10. */
const LOGICAL_NAME = /^[a-z0-9._~-]{1,255}$/i;
/** Names before 1.10 had to look like a host name. */
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;

/** May a resource have this name? Not when it looks like a UUID, which identifies by itself. */
export function isValidName(name: string, version: number): boolean {
  return isLogicalName(name, version) && !isUuid(name);
}

/** Can this be a name in a path? */
export function isLogicalName(name: string, version: number): boolean {
  return name.length <= 255 && (version < VERSION_RULES.logicalNames ? HOST_NAME : LOGICAL_NAME).test(name);
}

/** Words that are parts of paths under `/v1/nodes/`. */
export const RESERVED_NODE_NAMES = [
  'maintenance',
  'management',
  'states',
  'vendor_passthru',
  'validate',
  'detail',
] as const;
