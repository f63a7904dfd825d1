import { type Histogram, type Metrics, SECONDS_BUCKETS } from '#platform/metrics';

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
