import type { HandlerInput, RequestContext } from '#http/contract';
import type { Reader, Tx } from '#store/contract';
import {
  type Call,
  type Changes,
  type Facts,
  type Field,
  type Held,
  pathOf,
  type Resource,
  type Wish,
} from '../model/resource.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { readOne, type Sight } from '../store/documents.ts';

// What handlers of all resources do with a request: who sees what, what was sent, which row is meant.

export const projectOf = ({ caller }: RequestContext): string => caller.projectId ?? '';

/** What is left to do once the transaction holds. */
export type Later = (() => Promise<void>)[];

/** A request in its transaction; `later` takes what is to be done after it. Those done together share what is `known`. */
export function openCall(
  room: NetworkRoom,
  context: RequestContext,
  tx: Tx,
  later: Later = [],
  known: Map<string, Promise<unknown>> = new Map(),
): Call {
  const allows = (rule: string, facts: Facts = {}) => context.allows(rule, facts);
  return {
    room,
    context,
    tx,
    project: projectOf(context),
    allows,
    demand(rule, facts) {
      if (!allows(rule, facts)) throw refusals.PolicyNotAuthorized(rule);
    },
    afterwards: (fn) => void later.push(fn),
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const found = known.get(key) ?? read();
      known.set(key, found);
      return found as Promise<T>;
    },
  };
}

interface Guarded {
  /** Names of fields that not everybody sees, and the rules that say who does. */
  guarded: readonly (readonly [name: string, rule: string])[];
  /** What there is to see, by what the rules said. */
  sights: Map<string, Sight>;
}
const guardedOf = new WeakMap<Resource, Guarded>();

/**
 * Which fields the caller sees, of rows of its own project and of others. Who sees the same gets the same object, by
 * which statements are kept.
 */
export function sightOf(resource: Resource, context: RequestContext): Sight {
  let known = guardedOf.get(resource);
  if (known === undefined) {
    const guarded = Object.entries(resource.fields)
      .filter(([, { sql, see }]) => sql !== undefined && see !== undefined)
      .map(([name]) => [name, `get_${resource.name}:${name}`] as const);
    guardedOf.set(resource, (known = { guarded, sights: new Map() }));
  }
  const { projectId } = context.caller;
  const facts = projectId === null ? {} : { project_id: projectId };
  const hidden = { own: new Set<string>(), others: new Set<string>() };
  let key = '';
  for (const [name, rule] of known.guarded) {
    const others = context.allows(rule, {});
    const own = projectId === null ? others : context.allows(rule, facts);
    if (!others) hidden.others.add(name);
    if (!own) hidden.own.add(name);
    key += `${Number(others)}${Number(own)}`;
  }
  let sight = known.sights.get(key);
  if (sight === undefined) {
    const names = Object.keys(resource.fields).filter((name) => resource.fields[name]?.sql !== undefined);
    const without = (set: ReadonlySet<string>) => names.filter((name) => !set.has(name));
    known.sights.set(key, (sight = { own: without(hidden.own), others: without(hidden.others) }));
  }
  return sight;
}

/** Facts by which the caller sees rows of a list; null: it sees all. */
export function seenBy(resource: Resource, context: RequestContext): string[] | null {
  const rule = `get_${resource.name}`;
  if (context.allows(rule, {})) return null;
  const { projectId } = context.caller;
  return Object.entries(resource.facts)
    .filter(([name, { kind }]) =>
      kind === 'project'
        ? projectId !== null && context.allows(rule, { [name]: projectId })
        : context.allows(rule, { [name]: true }),
    )
    .map(([name]) => name);
}

/** The names in `fields=`; null: all. */
export function wantedOf(query: HandlerInput['query']): ReadonlySet<string> | null {
  const names = (query['fields'] as string[] | undefined)?.flatMap((one) => one.split(',')).filter((one) => one !== '');
  return names === undefined || names.length === 0 ? null : new Set(names);
}

/** What looking at rows needs: a call, or a reader outside of any transaction. */
export type Look = Pick<Call, 'context' | 'project' | 'allows'> & { readonly tx: Reader };

export const openLook = (context: RequestContext, reader: Reader): Look => ({
  context,
  tx: reader,
  project: projectOf(context),
  allows: (rule, facts = {}) => context.allows(rule, facts),
});

/** The id of what a resource is under; checked when it is one of ours and the caller sees it. */
export async function parentOf(
  call: Look,
  { parent }: Resource,
  params: Readonly<Record<string, string>>,
): Promise<string | null> {
  if (parent === undefined) return null;
  const found = await hold(call, parent.resource, params, { param: parent.param, hold: false });
  return found.id;
}

/**
 * The row a request is about, with facts; held for the rest of the transaction unless `hold` is false. Throws the
 * resource's 404 when it is not there or not for the caller, and 412 when `If-Match` names another revision.
 */
export async function hold(
  call: Look,
  resource: Resource,
  params: Readonly<Record<string, string>>,
  options: { param?: string; hold?: boolean; ifMatch?: unknown } = {},
): Promise<Held & { parentId: string | null }> {
  const id = params[options.param ?? 'id'] ?? '';
  const absent = () => refusals[resource.notFound as 'NetworkNotFound'](id);
  const parentId = await parentOf(call, resource, params);
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw unseen(call.context, resource, absent);
  const found = await readOne(call.tx, resource, call.project, { id, parentId }, { hold: options.hold !== false });
  if (found === undefined || !call.allows(`get_${resource.name}`, found.facts))
    throw unseen(call.context, resource, absent);
  demandRevision(options.ifMatch, found.revision);
  return { id: id.toLowerCase(), project_id: String(found.facts['project_id'] ?? ''), facts: found.facts, parentId };
}

/** Asking is part of answering: a route that never asked would be a mistake of ours. */
export function unseen(context: RequestContext, resource: Resource, absent: () => Error): Error {
  context.allows(`get_${resource.name}`, {});
  return absent();
}

function demandRevision(header: unknown, revision: bigint): void {
  if (typeof header !== 'string') return;
  const [, wanted] = /^\s*"?revision_number\s*=\s*(\d{1,18})"?\s*$/.exec(header) ?? [];
  if (wanted === undefined) throw refusals.HTTPBadRequest(`If-Match must be revision_number=<number>`);
  if (BigInt(wanted) !== revision) throw refusals.RevisionNumberConstraintFailed(Number(wanted));
}

/** What a client wants to be made: presets filled in, the owner known, every guarded field asked for. */
export async function wishOf(call: Call, resource: Resource, sent: Changes): Promise<Wish> {
  const { fields, name } = resource;
  const { tenant_id: tenant, ...rest } = sent;
  const { project_id: project = tenant } = sent;
  if (project !== undefined && tenant !== undefined && project !== tenant)
    throw refusals.HTTPBadRequest(`'project_id' and 'tenant_id' do not match`);
  const wish: Record<string, unknown> & { project_id: string } = {
    ...rest,
    project_id: String(project ?? call.project),
  };
  for (const [field, { preset }] of Object.entries(fields)) {
    if (preset !== undefined && wish[field] === undefined) wish[field] = preset;
  }
  const facts = {
    project_id: wish.project_id,
    tenant_id: wish.project_id,
    ...(await resource.factsOfWish?.(call, wish)),
  };
  call.demand(`create_${name}`, facts);
  for (const [field, description] of Object.entries(fields)) {
    const value = sent[field];
    if (!isGuarded(description, 'create') || value === undefined || value === description.preset) continue;
    if (description.guards?.(value) === false) continue;
    call.demand(`create_${name}:${field}`, facts);
  }
  return wish;
}

/** Asks for everything a change needs. */
export function demandChanges(call: Call, resource: Resource, row: Held, changes: Changes): void {
  call.demand(`update_${resource.name}`, row.facts);
  for (const [field, value] of Object.entries(changes)) {
    const description = resource.fields[field];
    if (isGuarded(description, 'update') && description?.guards?.(value) !== false)
      call.demand(`update_${resource.name}:${field}`, row.facts);
  }
}

function isGuarded(field: Field | undefined, making: 'create' | 'update'): boolean {
  const set = field?.set;
  return typeof set === 'string' || set?.[making] !== undefined;
}

/** Where a resource's collection is, with the ids of what it is under. */
export const urlOf = (resource: Resource, params: Readonly<Record<string, string>>): string =>
  `/network${pathOf(resource).replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))}`;
