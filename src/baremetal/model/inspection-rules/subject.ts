import type { Document } from '../node.ts';

/** A port, as rules see and change one. */
export interface RulePort {
  uuid: string;
  address: string;
  /** Fields by their API names: extra, pxe_enabled, physical_network, local_link_connection… */
  fields: Document;
}

/** What rules look at and change. Plain data: who runs them reads it before and writes it after. */
export interface RuleSubject {
  /** The node's fields by their API names, documents as objects; secrets masked. */
  node: Document;
  traits: Set<string>;
  inventory: Document;
  pluginData: Document;
  ports: RulePort[];
}

/** Fields of a node a rule may write. */
export const WRITABLE_NODE_FIELDS: ReadonlySet<string> = new Set([
  'properties',
  'extra',
  'driver_info',
  'instance_info',
  'resource_class',
  'description',
  'name',
  'owner',
  'lessee',
  'shard',
  'conductor_group',
]);

/** Fields of a port a rule may write. */
export const WRITABLE_PORT_FIELDS: ReadonlySet<string> = new Set([
  'extra',
  'pxe_enabled',
  'physical_network',
  'local_link_connection',
  'name',
  'description',
  'category',
]);

/** Keys that would reach prototypes. */
const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

/** A path as keys: `/properties/cpus`, `properties.cpus` and `properties[cpus]` are the same. */
export function readPath(path: unknown): string[] {
  if (typeof path !== 'string') throw new Error('the path is not a text');
  const keys = path
    .replaceAll(/\[['"]?([^\]'"]*)['"]?\]/g, '/$1')
    .split(path.startsWith('/') ? '/' : /[./]/)
    .filter((key) => key !== '');
  if (keys.length === 0 || keys.length > 32 || keys.some((key) => UNSAFE.has(key)))
    throw new Error(`the path ${path.slice(0, 100)} leads nowhere`);
  return keys;
}

/** The value at a path; undefined when there is none. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  let at = root;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Document)[key];
  }
  return at;
}

/** Sets a value, making objects on the way. */
export function setAt(root: Document, keys: readonly string[], value: unknown): void {
  let at = root;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) at[key] = {};
    at = at[key] as Document;
  }
  at[keys.at(-1) as string] = value;
}

/** Removes what is at a path; nothing happens when there is nothing. */
export function deleteAt(root: Document, keys: readonly string[]): void {
  const holder = valueAt(root, keys.slice(0, -1));
  if (typeof holder === 'object' && holder !== null) delete (holder as Document)[keys.at(-1) as string];
}

/** Adds to the list at a path, making it when there is none. */
export function extendAt(root: Document, keys: readonly string[], value: unknown, unique: boolean): void {
  const old = valueAt(root, keys);
  const list: unknown[] = Array.isArray(old) ? [...(old as unknown[])] : old === undefined || old === null ? [] : [old];
  if (!unique || !list.some((item) => JSON.stringify(item) === JSON.stringify(value))) list.push(value);
  setAt(root, keys, list);
}
