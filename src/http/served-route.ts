import type { BoundRoute } from './bind.ts';
import type { Door, Handler, Route } from './contract.ts';
import type { RequestMeter } from './request-account.ts';
import { type QueryReader, queryReader } from './query.ts';
import { checkOf } from './validation.ts';
import { type Negotiated, VersionReader } from './version.ts';

const DEFAULT_BODY_LIMIT = 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Doors without microversions. */
const UNVERSIONED: Negotiated = { minor: 0, headers: [], asked: false };

/** A door with what is made of it once. */
export class ServedDoor {
  readonly door: Door;
  readonly #reader: VersionReader | undefined;
  /** From this minor on `X-Openstack-Request-Id` is answered. */
  readonly requestIdSince: number;

  constructor(door: Door) {
    this.door = door;
    this.#reader = door.versions === undefined ? undefined : new VersionReader(door.versions);
    this.requestIdSince = door.versions?.requestIdSince ?? 0;
  }

  negotiate(headers: Record<string, string | string[] | undefined>): Negotiated {
    return this.#reader === undefined ? UNVERSIONED : this.#reader.read(headers);
  }
}

/** A route with everything a request needs made beforehand. */
export class ServedRoute {
  readonly served: ServedDoor;
  readonly route: Route;
  readonly handler: Handler;
  readonly meter: RequestMeter;
  readonly query: QueryReader;
  readonly checkQuery: ReturnType<typeof checkOf> | undefined;
  readonly checkParams: ReturnType<typeof checkOf> | undefined;
  readonly checkBody: ReturnType<typeof checkOf> | undefined;
  readonly bodyLimit: number;
  readonly timeoutMs: number;
  /** Does this route read a body at all? */
  readonly takesBody: boolean;
  readonly contentType: string;

  constructor(bound: BoundRoute, served: ServedDoor, meter: RequestMeter) {
    const { route, handler } = bound;
    this.served = served;
    this.route = route;
    this.handler = handler;
    this.meter = meter;
    this.query = queryReader(route.query);
    this.checkQuery = route.query === undefined ? undefined : checkOf(route.query, 'the query');
    this.checkParams = route.params === undefined ? undefined : checkOf(route.params, 'the path');
    this.checkBody = route.body === undefined ? undefined : checkOf(route.body, 'the body');
    this.bodyLimit = route.bodyLimit ?? (route.bodyKind === 'stream' ? Number.POSITIVE_INFINITY : DEFAULT_BODY_LIMIT);
    // A stream is as long as it is; the socket's idle time bounds it.
    this.timeoutMs = route.timeoutMs ?? (route.bodyKind === 'stream' ? 0 : DEFAULT_TIMEOUT_MS);
    this.takesBody = route.body !== undefined || (route.method !== 'GET' && route.method !== 'HEAD');
    this.contentType = route.produces ?? 'application/json';
  }

  /** Compiles the schemas now instead of at the first request. Throws when one is not a schema. */
  compile(): void {
    this.checkQuery?.compile();
    this.checkParams?.compile();
    this.checkBody?.compile();
  }
}
