import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { messageOf } from '#kernel/errors';
import type { Caller } from '../../ledger.ts';
import type { Account, Role } from '../accounts.ts';
import type { Bmc } from '../bmc.ts';
import { errorBody, Refusal, refuse } from '../refusal.ts';
import { checkIfMatch, tagOf } from './etag.ts';
import { Events } from './events.ts';
import { masked } from './masked.ts';
import { applyQuery } from './query.ts';
import { type Ask, isJson, type Json, type Paths, type Reply, type Resource, STATUS } from './resource.ts';
import { allResources } from './resources/all.ts';
import { Router } from './router.ts';
import type { Door } from './served.ts';
import { Sessions } from './sessions.ts';

/** A request as it came in, its path without query. */
export interface RedfishRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  /** The parsed body; undefined: none. */
  body: unknown;
  /** The body was there and was not JSON. */
  malformed: boolean;
  address: string;
}

/** An answer before it is made into bytes. `tag`: what an ETag is made of. */
export interface RedfishAnswer extends Reply {
  tag?: string;
  /** The resource takes the response over. */
  stream?: (response: ServerResponse) => void;
}

const ROOT = '/redfish/v1';
const RANK: Record<Role, number> = { ReadOnly: 0, Operator: 1, Administrator: 2 };
const router = new Router(allResources);

/** The Redfish door of one BMC: logs in, finds the resource, checks ETags and rights, and asks the resource. */
export class RedfishDoor implements Door {
  readonly bmc: Bmc;
  readonly sessions: Sessions;
  readonly events: Events;

  constructor(bmc: Bmc) {
    this.bmc = bmc;
    this.sessions = new Sessions(bmc.clock, bmc.random, () => bmc.traits);
    this.events = new Events(bmc);
    bmc.onReboot(() => {
      this.sessions.clear();
      this.events.close();
    });
  }

  /** Answers one request; refusals become error bodies, anything else thrown a 500. */
  async answer(request: RedfishRequest): Promise<RedfishAnswer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (error instanceof Refusal) return refusalReply(error);
      this.bmc.ledger.add(this.bmc.name, 'event', this.#caller(request, null), 'bmc.fault', {
        error: messageOf(error),
      });
      return refusalReply(refuse('InternalError'));
    }
  }

  close(): void {
    this.events.close();
  }

  #caller(request: RedfishRequest, account: Account | null): Caller {
    return { channel: 'redfish', address: request.address, user: account?.name ?? null };
  }

  async #answer(request: RedfishRequest): Promise<RedfishAnswer> {
    const { method } = request;
    const path = request.path.length > 1 ? request.path.replace(/\/+$/, '') : request.path;
    const reading = method === 'GET' || method === 'HEAD';
    if (path === '/redfish') return { status: 200, body: { v1: `${ROOT}/` } };
    if (path === `${ROOT}/$metadata`)
      return { status: 200, headers: { 'content-type': 'application/xml' }, body: METADATA };
    if (path !== ROOT && !path.startsWith(`${ROOT}/`)) throw refuse('ResourceMissingAtURI', request.path);
    const found = router.find(path.slice(ROOT.length));
    const isOpen =
      found !== undefined && (reading ? found.resource.open : method === 'POST' && found.resource.openPost);
    const account = isOpen ? null : this.#login(request);
    if (found === undefined) throw refuse('ResourceMissingAtURI', request.path);
    const needsSlash = this.bmc.traits.trailingSlash === 'needed-on-members' && found.params.length > 0;
    if (reading && needsSlash && !request.path.endsWith('/')) throw refuse('ResourceMissingAtURI', request.path);
    const ask = this.#ask(request, path, found.params, account);
    if (reading) return this.#read(ask, found.resource, request);
    return this.#write(ask, found.resource, request);
  }

  #ask(request: RedfishRequest, path: string, params: readonly string[], account: Account | null): Ask {
    return {
      bmc: this.bmc,
      paths: pathsOf(this.bmc),
      params,
      path,
      headers: request.headers,
      caller: this.#caller(request, account),
      account,
      sessions: this.sessions,
      events: this.events,
      raw: request.raw,
    };
  }

  #read(ask: Ask, resource: Resource, request: RedfishRequest): RedfishAnswer {
    this.bmc.counters.reads++;
    const { stream } = resource;
    if (stream !== undefined) return { status: 200, stream: (response) => stream(ask, response) };
    if (resource.get === undefined) throw refuse('OperationNotAllowed');
    const body = resource.get(ask);
    if (body === undefined) throw refuse('ResourceMissingAtURI', request.path);
    if ([...request.query].length === 0) return { status: statusOf(body), body, tag: tagOf(body) };
    return { status: 200, body: applyQuery(body, request.query, (path) => this.#load(ask, path)), tag: tagOf(body) };
  }

  /** Another resource, for `$expand`; undefined when it is not there. */
  #load(ask: Ask, path: string): Json | undefined {
    const found = router.find(path.slice(ROOT.length));
    return found?.resource.get?.({ ...ask, path, params: found.params });
  }

  async #write(ask: Ask, resource: Resource, request: RedfishRequest): Promise<RedfishAnswer> {
    this.bmc.counters.writes++;
    const { method } = request;
    const detail: Json = { body: masked(request.body) };
    this.bmc.ledger.add(this.bmc.name, 'request', ask.caller, `${method} ${ask.path}`, detail);
    try {
      const reply = await this.#perform(ask, resource, request);
      detail['status'] = reply.status;
      return reply;
    } catch (error) {
      detail['status'] = error instanceof Refusal ? error.status : 500;
      throw error;
    }
  }

  async #perform(ask: Ask, resource: Resource, request: RedfishRequest): Promise<RedfishAnswer> {
    const { method } = request;
    const verb =
      method === 'PATCH'
        ? resource.patch
        : method === 'POST'
          ? resource.post
          : method === 'DELETE'
            ? resource.delete
            : undefined;
    if (verb === undefined) throw refuse('OperationNotAllowed');
    const needed = RANK[resource.writer ?? 'Administrator'];
    if (ask.account !== null && RANK[ask.account.role] < needed) throw refuse('InsufficientPrivilege');
    if (method !== 'POST') {
      const current = resource.get?.(ask);
      if (resource.get !== undefined && current === undefined) throw refuse('ResourceMissingAtURI', ask.path);
      if (method === 'PATCH')
        checkIfMatch(request.headers['if-match'], current === undefined ? undefined : tagOf(current), this.bmc.traits);
    }
    if (request.malformed) throw refuse('MalformedJSON');
    if (request.body !== undefined && !isJson(request.body)) throw refuse('UnrecognizedRequestBody');
    if (method === 'PATCH' && request.body === undefined) throw refuse('MalformedJSON');
    const reply = await verb.call(resource, ask, request.body ?? {});
    if (reply !== undefined) return reply;
    if (method !== 'PATCH') return { status: 204 };
    const after = resource.get?.(ask);
    return after === undefined ? { status: 204 } : { status: 200, body: after, tag: tagOf(after) };
  }

  #login(request: RedfishRequest): Account {
    const token = request.headers['x-auth-token'];
    if (typeof token === 'string') {
      const session = this.sessions.use(token);
      if (session === undefined) throw refuse('NoValidSession');
      return session.account;
    }
    const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '');
    if (basic === null || !this.bmc.traits.basicAuth) throw refuse('NoValidSession');
    const text = Buffer.from(basic[1] ?? '', 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const account = colon < 0 ? undefined : this.bmc.accounts.check(text.slice(0, colon), text.slice(colon + 1));
    if (account === undefined) throw refuse('NoValidSession');
    this.bmc.counters.logins++;
    return account;
  }
}

/** Where this BMC's ids put things. */
export function pathsOf(bmc: Bmc): Paths {
  const { systemId, managerId, chassisId } = bmc.traits;
  return {
    root: ROOT,
    system: `${ROOT}/Systems/${systemId}`,
    manager: `${ROOT}/Managers/${managerId}`,
    chassis: `${ROOT}/Chassis/${chassisId}`,
  };
}

function statusOf(body: Json): number {
  const status = (body as { [STATUS]?: number })[STATUS];
  return status ?? 200;
}

function refusalReply(refusal: Refusal): RedfishAnswer {
  const headers: Record<string, string> = {};
  if (refusal.status === 401) headers['www-authenticate'] = 'Basic realm="BMC"';
  if (refusal.status === 503) headers['retry-after'] = refusal.args[0] ?? '5';
  return { status: refusal.status, body: errorBody(refusal), headers };
}

const METADATA = {
  xml: '<?xml version="1.0" encoding="UTF-8"?>\n<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"/>\n',
};
