import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Caller } from '../../ledger.ts';
import type { Account } from '../accounts.ts';
import type { Bmc } from '../bmc.ts';
import { refuse } from '../refusal.ts';
import type { Events } from './events.ts';
import type { Sessions } from './sessions.ts';

export type Json = Record<string, unknown>;

/** Paths that the BMC's ids decide. */
export interface Paths {
  root: string;
  system: string;
  manager: string;
  chassis: string;
}

/** What a resource's handler knows of a request. */
export interface Ask {
  bmc: Bmc;
  paths: Paths;
  /** The values of the path's `{…}` parts, in order. */
  params: readonly string[];
  /** The request's path without trailing slash. */
  path: string;
  headers: IncomingHttpHeaders;
  caller: Caller;
  /** Null on doors that need no login. */
  account: Account | null;
  sessions: Sessions;
  events: Events;
  /** The body as it came; for pushed firmware. */
  raw: Buffer;
}

/** What a write answers. Without a body: 204, or `status`. */
export interface Reply {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
}

/** One kind of resource at one path. What is missing is answered with 405. */
export interface Resource {
  /** Below /redfish/v1, with `{…}` for ids. The empty path is the service root. */
  path: string;
  /** True: GET needs no login. */
  open?: boolean;
  /** True: POST needs no login (sessions). */
  openPost?: boolean;
  /** The least that may write: `ReadOnly` for what everyone may do to their own. Default Administrator. */
  writer?: 'Administrator' | 'Operator' | 'ReadOnly';
  /** Undefined: there is no such resource. */
  get?(ask: Ask): Json | undefined;
  patch?(ask: Ask, body: Json): Promise<Reply | undefined> | Reply | undefined;
  post?(ask: Ask, body: Json): Promise<Reply | undefined> | Reply | undefined;
  delete?(ask: Ask): Promise<Reply | undefined> | Reply | undefined;
  /** Takes the response over (event streams). */
  stream?(ask: Ask, response: ServerResponse): void;
}

export const ref = (path: string): Json => ({ '@odata.id': path });
export const refs = (paths: readonly string[]): Json[] => paths.map(ref);

/** The members every resource has. `type` is `ComputerSystem.v1_20_0`. */
export function head(path: string, type: string, id: string, name: string): Json {
  const base = type.split('.')[0] ?? type;
  return { '@odata.id': path, '@odata.type': `#${type}.${base}`, Id: id, Name: name };
}

/** A collection of links. */
export function collection(path: string, type: string, name: string, members: readonly string[]): Json {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}.${type}`,
    Name: name,
    'Members@odata.count': members.length,
    Members: refs(members),
  };
}

export const status = (health = 'OK', state = 'Enabled'): Json => ({ State: state, Health: health });

/** Throws PropertyUnknown for the first member that is not among those given. */
export function onlyKnown(body: Json, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (!key.startsWith('@') && !known.includes(key)) throw refuse('PropertyUnknown', key);
  }
}

/** A member that must be a string, if it is there. */
export function stringOf(body: Json, key: string): string | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw refuse('PropertyValueTypeError', JSON.stringify(value), key);
  return value;
}

export function booleanOf(body: Json, key: string): boolean | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw refuse('PropertyValueTypeError', JSON.stringify(value), key);
  return value;
}

export function numberOf(body: Json, key: string): number | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw refuse('PropertyValueTypeError', JSON.stringify(value), key);
  return value;
}

/** An object member; undefined when it is missing. */
export function objectOf(body: Json, key: string): Json | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (!isJson(value)) throw refuse('PropertyValueTypeError', JSON.stringify(value), key);
  return value;
}

export const isJson = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

/** ISO 8601 without fractions, in UTC, as BMCs write times. */
export const isoTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

/** The answer of a write that began a task (DSP0266, asynchronous operations). */
export function accepted(ask: Ask, task: { id: string; name: string }): Reply {
  const path = `${ask.paths.root}/TaskService/Tasks/${task.id}`;
  return {
    status: 202,
    headers: { location: `${ask.paths.root}/TaskService/TaskMonitors/${task.id}` },
    body: {
      ...head(path, 'Task.v1_7_0', task.id, task.name),
      TaskState: 'Running',
      TaskMonitor: `${ask.paths.root}/TaskService/TaskMonitors/${task.id}`,
    },
  };
}

/** A representation may name the status it is answered with (a task monitor's 202); symbols are not sent. */
export const STATUS = Symbol('status');
