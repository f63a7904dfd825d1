import type { IncomingMessage, ServerResponse } from 'node:http';
import { newRequestId } from '#kernel/ids';
import type { Answerer } from './answer.ts';
import type { Door } from './contract.ts';
import { HttpErrors } from './errors.ts';
import { Exchange, type ExchangeEnvironment } from './exchange.ts';
import { PathIndex } from './path-index.ts';
import { ServedDoor } from './served-route.ts';

/** Characters of a URL; more is refused with 414. */
export const MAX_URL = 8192;

interface Entry {
  served: ServedDoor;
  index: PathIndex;
}

/** All doors of a server, and the answers to requests that no route of theirs takes. */
export class Doors {
  readonly #entries: Entry[];

  constructor(doors: readonly Door[]) {
    if (doors.length === 0) throw new Error('a server needs at least one door');
    // The longest prefix first: '' fits every path. Doors of one prefix keep their order.
    this.#entries = doors
      .map((door) => ({ served: new ServedDoor(door), index: new PathIndex(door.routes) }))
      .sort((a, b) => b.served.door.prefix.length - a.served.door.prefix.length);
  }

  /** The served form of one of the doors given. */
  of(door: Door): ServedDoor {
    return (this.#entries.find(({ served }) => served.door === door) as Entry).served;
  }

  /** The door that speaks for everything no other prefix fits. */
  get main(): Door {
    const shortest = (this.#entries.at(-1) as Entry).served.door.prefix;
    return (this.#entries.find(({ served }) => served.door.prefix === shortest) as Entry).served.door;
  }

  /** The door responsible for a path: the first with a route there, else the first whose prefix fits. */
  at(path: string): Entry {
    const fitting = this.#entries.filter(
      ({ served: { door } }) => path === door.prefix || path.startsWith(`${door.prefix}/`),
    );
    const known = fitting.find((entry) => routesAt(entry, path).length > 0);
    return known ?? fitting[0] ?? (this.#entries.find(({ served }) => served.door === this.main) as Entry);
  }

  /** Below a door's `jsonSuffixBelow` the `.json` at the end of a URL's path means nothing. Gives the URL to route. */
  withoutJsonSuffix(url: string, headers: IncomingMessage['headers']): string {
    if (!url.includes('.json')) return url;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
    if (!trimmed.endsWith('.json')) return url;
    const { served } = this.at(path);
    const below = served.door.versions?.jsonSuffixBelow;
    const { minor, asked, refusal } = served.negotiate(headers);
    if (below === undefined || !asked || refusal !== undefined || minor >= below) return url;
    return trimmed.slice(0, -5) + (mark < 0 ? '' : url.slice(mark));
  }

  /** Answers a request no route took, or that Fastify refused with `error`: 404, 405 with `Allow`, 200 to OPTIONS. */
  answerStray(
    request: IncomingMessage,
    response: ServerResponse,
    environment: ExchangeEnvironment,
    answerer: Answerer,
    track: (exchange: Exchange) => void,
    error?: unknown,
  ): void {
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    const entry = this.at(path);
    const { served } = entry;
    const negotiated = served.negotiate(request.headers);
    const exchange = new Exchange(newRequestId(), request, response, null, negotiated, environment);
    track(exchange);
    const refuse = (reason: unknown, extra: readonly string[] = []) =>
      answerer.refuse(exchange, reason, served.door, served.requestIdSince, extra);
    if (url.length > MAX_URL) return refuse(HttpErrors.UrlTooLong(MAX_URL));
    if (error !== undefined) return refuse(error);
    const here = routesAt(entry, path);
    if (here.length > 0 && negotiated.refusal !== undefined) return refuse(negotiated.refusal);
    const visible = here.filter((route) => route.since <= negotiated.minor);
    if (visible.length === 0) return refuse(HttpErrors.UrlUnknown());
    const allow = [...new Set([...visible.map((route) => route.method), 'OPTIONS'])].sort().join(', ');
    if (request.method !== 'OPTIONS') return refuse(HttpErrors.MethodNotAllowed(allow), ['Allow', allow]);
    return answerer.answer(exchange, { status: 200, headers: { Allow: allow } });
  }
}

function routesAt({ served: { door }, index }: Entry, path: string) {
  const inside = path.slice(door.prefix.length) || '/';
  const here = index.at(inside);
  return here.length > 0 || door.impliedPath === undefined ? here : index.at(`${door.impliedPath}${inside}`);
}
