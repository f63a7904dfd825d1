import type { Log } from '#platform/log';
import { type Histogram, type Metrics, SECONDS_BUCKETS } from '#platform/metrics';
import type { Exchange } from './exchange.ts';
import type { Failure } from './failure.ts';

/** Which requests get a line at `info`; the others get one at `debug`. */
export type AccessLog = 'all' | 'changes' | 'errors';

/** Counts the requests of one route: by class of status, never by machine or path. */
export class RequestMeter {
  readonly #byClass: Histogram[];

  constructor(metrics: Metrics, route: string, method: string) {
    const histogram = metrics.histogram('ingot_http_request_seconds', 'Time to answer a request', SECONDS_BUCKETS, [
      'route',
      'method',
      'status',
    ]);
    this.#byClass = [1, 2, 3, 4, 5].map((digit) => histogram.with({ route, method, status: `${digit}xx` }));
  }

  observe(status: number, seconds: number): void {
    this.#byClass[Math.floor(status / 100) - 1]?.observe(seconds);
  }
}

/** Writes down what became of each request: metrics always, a log line when it is notable. */
export class RequestAccount {
  readonly #log: Log;
  readonly #accessLog: AccessLog;
  readonly #slowMs: number;
  readonly #strayMeter: RequestMeter;

  constructor(log: Log, metrics: Metrics, accessLog: AccessLog, slowMs: number) {
    this.#log = log;
    this.#accessLog = accessLog;
    this.#slowMs = slowMs;
    this.#strayMeter = new RequestMeter(metrics, 'none', 'any');
  }

  /** `ms` is the time it took. */
  close(exchange: Exchange, status: number, ms: number, failure: Failure | undefined): void {
    (exchange.served?.meter ?? this.#strayMeter).observe(status, ms / 1000);
    const level = this.#isNotable(exchange, status, ms) ? 'info' : 'debug';
    if (!this.#log.enabled(level)) return;
    const { request, caller, globalRequestId } = exchange;
    const fields: Record<string, unknown> = {
      requestId: exchange.requestId,
      method: request.method,
      path: pathOf(request.url),
      route: exchange.served?.route.id,
      status,
      ms: Math.round(ms * 100) / 100,
      source: exchange.source,
    };
    if (globalRequestId !== null) fields['globalRequestId'] = globalRequestId;
    if (caller.userId !== null) fields['user'] = caller.userId;
    if (caller.projectId !== null) fields['project'] = caller.projectId;
    if (failure !== undefined) fields['code'] = failure.code;
    this.#log[level](fields, 'request');
  }

  /** A failure of ours, with everything that led to it; the client sees only the request id. */
  tellFailure(exchange: Exchange, failure: Failure, error: unknown): void {
    const fields = {
      err: error,
      route: exchange.served?.route.id,
      method: exchange.request.method,
      code: failure.code,
    };
    // 503 is the service's weather (database away, stopping), not a fault in the code.
    if (failure.status === 503) exchange.log.warn(fields, 'request refused for now');
    else exchange.log.error(fields, 'request failed');
  }

  #isNotable(exchange: Exchange, status: number, ms: number): boolean {
    if (status >= 500 || this.#accessLog === 'all') return true;
    if (this.#accessLog === 'errors') return false;
    const { method } = exchange.request;
    if (ms >= this.#slowMs) return true;
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
    // What machines say all day is no change, and thousands of such lines a second would be most of what they cost.
    return status >= 400 || exchange.served?.route.audit !== false;
  }
}

/** The path without its query, which may hold tokens; never megabytes of it. */
function pathOf(url: string | undefined): string {
  const path = url?.split('?', 1)[0] ?? '';
  return path.length > 256 ? `${path.slice(0, 256)}…` : path;
}
