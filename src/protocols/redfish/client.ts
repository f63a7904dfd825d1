import { IngotError } from '#kernel/errors';
import type { BmcAnswer, BmcHttp } from '#protocols/bmc-http/client';
import { errors } from './errors.ts';
import { type Json, isJson, linkOf, linksOf, textOf } from './json.ts';
import { said } from './said.ts';

/** Members of a collection that are read, at most. */
const MOST_MEMBERS = 512;

/** Who asks: until when, and with what right to write. */
export interface RedfishCall {
  signal?: AbortSignal | undefined;
  /** Called in the tick in which a write leaves. */
  beforeWrite: () => void;
}

/** A resource and the ETag it came with. */
export interface Resource {
  path: string;
  body: Json;
  etag: string | null;
}

/** What a write was answered with. */
export interface Written {
  status: number;
  body: unknown;
  /** The task or monitor it began, or the new resource. */
  location: string | null;
}

/**
 * Redfish (DSP0266) spoken to one BMC: resources by links, ETags, actions. Knows of no product words. Refusals are
 * RedfishRefused with `details.status` and `details.ids` of its messages; they are definite, nothing was done.
 */
export class RedfishClient {
  readonly http: BmcHttp;

  constructor(http: BmcHttp) {
    this.http = http;
  }

  /** Throws RedfishNotFound, RedfishRefused and what the HTTP client throws. */
  async get(link: string, call: RedfishCall): Promise<Resource> {
    const found = await this.find(link, call);
    if (found === undefined) throw errors.RedfishNotFound(`GET ${link}`, { details: { status: 404 } });
    return found;
  }

  /** Undefined: there is nothing there. */
  async find(link: string, call: RedfishCall): Promise<Resource | undefined> {
    let answer = await this.#get(link, call);
    // some know their members only with a slash at the end
    if (answer.status === 404 && !link.endsWith('/') && !link.includes('?')) answer = await this.#get(`${link}/`, call);
    if (answer.status === 404 || answer.status === 405 || answer.status === 410) return undefined;
    if (answer.status >= 300) throw refused('GET', link, answer);
    const { body } = answer;
    if (!isJson(body)) throw errors.RedfishShape(`answers GET ${link} with something that is no object`);
    return { path: this.http.path(link), body, etag: answer.headers['etag'] ?? textOf(body['@odata.etag']) };
  }

  /** The resource a member refers to; undefined when there is no such member or nothing behind it. */
  async follow(reference: unknown, call: RedfishCall): Promise<Resource | undefined> {
    const link = linkOf(reference);
    return link === null ? undefined : await this.find(link, call);
  }

  /** Links of a collection's members; none when there is no collection. */
  async links(reference: unknown, call: RedfishCall): Promise<string[]> {
    const links: string[] = [];
    let next = linkOf(reference);
    const seen = new Set<string>();
    while (next !== null && !seen.has(next) && links.length < MOST_MEMBERS) {
      seen.add(next);
      const page = await this.find(next, call);
      if (page === undefined) break;
      links.push(...linksOf(page.body['Members']));
      next = textOf(page.body['Members@odata.nextLink'] ?? page.body['@odata.nextLink']);
    }
    return [...new Set(links)].slice(0, MOST_MEMBERS);
  }

  /** Members of a collection. One that cannot be read is left out: makers list what is not there. */
  async members(reference: unknown, call: RedfishCall): Promise<Resource[]> {
    return this.all(await this.links(reference, call), call);
  }

  /** The resources behind links, in their order, without those that cannot be read. */
  async all(links: readonly string[], call: RedfishCall): Promise<Resource[]> {
    const found = await Promise.all(
      links.map((link) =>
        this.find(link, call).catch((error: unknown) => {
          if (error instanceof IngotError && error.code === 'RedfishRefused') return undefined;
          throw error;
        }),
      ),
    );
    return found.filter((one) => one !== undefined);
  }

  /**
   * Changes a resource that was just read. The ETag goes along as it came; where the BMC does not take it, its
   * strong form, then none, then any: 412 and 428 say for certain that nothing was written.
   */
  async patch(resource: Resource, body: Json, call: RedfishCall): Promise<Written> {
    const { path, etag } = resource;
    const tags: (string | null)[] = [];
    if (etag !== null && etag !== '' && etag !== '""') {
      tags.push(etag);
      if (etag.startsWith('W/')) tags.push(etag.slice(2));
      if (etag.endsWith('-gzip"')) tags.push(etag.replace('-gzip"', '"'));
    }
    for (const tag of [...new Set([...tags, null, '*'])]) {
      const headers: Record<string, string> = tag === null ? {} : { 'if-match': tag };
      const answer = await this.#write('PATCH', path, body, call, headers);
      if (answer.status !== 412 && answer.status !== 428) return written('PATCH', path, answer);
    }
    throw errors.RedfishRefused(`PATCH ${path}`, 412, 'it accepts no ETag', { details: { status: 412, ids: [] } });
  }

  /** Makes a member or calls an action. Without If-Match, which some refuse on actions. */
  async post(link: string, body: Json, call: RedfishCall): Promise<Written> {
    return written('POST', link, await this.#write('POST', link, body, call, {}));
  }

  async delete(link: string, call: RedfishCall): Promise<Written> {
    return written('DELETE', link, await this.#write('DELETE', link, undefined, call, {}));
  }

  #get(link: string, call: RedfishCall): Promise<BmcAnswer> {
    return this.http.request({ method: 'GET', link, signal: call.signal });
  }

  #write(
    method: 'POST' | 'PATCH' | 'DELETE',
    link: string,
    body: unknown,
    call: RedfishCall,
    headers: Record<string, string>,
  ): Promise<BmcAnswer> {
    call.beforeWrite();
    const { signal, beforeWrite } = call;
    return this.http.request({ method, link, body, headers, signal, beforeWrite });
  }
}

function written(method: string, link: string, answer: BmcAnswer): Written {
  if (answer.status >= 300) throw refused(method, link, answer);
  return { status: answer.status, body: answer.body, location: answer.headers['location'] ?? null };
}

function refused(method: string, link: string, answer: BmcAnswer): IngotError {
  const { ids, text } = said(answer);
  const details = { status: answer.status, ids: [...ids], transient: false };
  return errors.RedfishRefused(`${method} ${link.split('?')[0]}`, answer.status, text, { details });
}

/** Did the BMC refuse, with one of these message ids or statuses? Without any: did it refuse at all? */
export function isRefusal(error: unknown, ...which: readonly (string | number)[]): error is IngotError {
  if (!(error instanceof IngotError) || !['RedfishRefused', 'RedfishNotFound'].includes(error.code)) return false;
  if (which.length === 0) return true;
  const { status, ids } = error.details ?? {};
  const said = Array.isArray(ids) ? (ids as unknown[]) : [];
  return which.some((one) => one === status || said.includes(one));
}
