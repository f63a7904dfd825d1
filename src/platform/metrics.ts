import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import prom from 'prom-client';

/** Values of a metric's labels. Never a machine's name or id: their number must stay bounded. */
export type Labels = Record<string, string>;

/** A number that only rises. `inc` adds 1 unless told how much. */
export interface Counter {
  inc(by?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  set(value: number): void;
}

/** Counts how many observations fell into each bucket; seconds unless the name says otherwise. */
export interface Histogram {
  observe(value: number): void;
}

/** A metric with labels; keep what `with` gives on hot paths. */
export interface Labelled<M> {
  with(labels: Labels): M;
}

/** The program's metrics. Asking twice for one name gives the same metric. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Labelled<Counter>;
  gauge(name: string, help: string, labels?: readonly string[]): Labelled<Gauge>;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Labelled<Histogram>;
  /** Calls `fn` before each rendering, to set gauges that are only looked at then. */
  beforeRender(fn: () => void | Promise<void>): void;
  /** The text Prometheus reads. */
  render(): Promise<{ contentType: string; text: string }>;
  /** Stops the watch on the event loop. */
  close(): void;
}

/** Buckets for things that take between half a millisecond and ten seconds. */
export const SECONDS_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** A registry of its own, with the process's memory, CPU time and event-loop delay in it. */
export function createMetrics(): Metrics {
  const registry = new prom.Registry();
  const hooks: (() => void | Promise<void>)[] = [];
  const known = new Map<string, unknown>();
  const once = <M>(name: string, make: () => M): M => {
    const found = known.get(name) as M | undefined;
    if (found !== undefined) return found;
    const made = make();
    known.set(name, made);
    return made;
  };
  const base = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const metrics: Metrics = {
    counter: (name, help, labels = []) =>
      once(name, () => {
        const counter = new prom.Counter(base(name, help, labels));
        return { with: (values) => counter.labels(values) };
      }),
    gauge: (name, help, labels = []) =>
      once(name, () => {
        const gauge = new prom.Gauge(base(name, help, labels));
        return { with: (values) => gauge.labels(values) };
      }),
    histogram: (name, help, buckets, labels = []) =>
      once(name, () => {
        const histogram = new prom.Histogram({ ...base(name, help, labels), buckets: [...buckets] });
        return { with: (values) => histogram.labels(values) };
      }),
    beforeRender: (fn) => void hooks.push(fn),
    async render() {
      for (const hook of hooks) await hook();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    close: () => delay.disable(),
  };
  const delay = watchProcess(metrics);
  return metrics;
}

/** Our own few process metrics: prom-client's defaults watch every garbage collection, which costs. */
function watchProcess(metrics: Metrics): { disable(): void } {
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory of the process').with({});
  const heap = metrics.gauge('nodejs_heap_used_bytes', 'JavaScript heap in use').with({});
  const cpu = metrics.gauge('process_cpu_seconds_total', 'User and system CPU time since the start').with({});
  const uptime = metrics.gauge('process_uptime_seconds', 'Seconds since the start').with({});
  const busy = metrics
    .gauge('nodejs_eventloop_utilization', 'Share of time the event loop was busy since the last look')
    .with({});
  const delays = metrics.gauge('nodejs_eventloop_delay_seconds', 'Delay of the event loop since the last look', [
    'quantile',
  ]);
  const watch = monitorEventLoopDelay({ resolution: 20 });
  watch.enable();
  let last = performance.eventLoopUtilization();
  metrics.beforeRender(() => {
    const used = process.memoryUsage();
    const time = process.cpuUsage();
    memory.set(used.rss);
    heap.set(used.heapUsed);
    cpu.set((time.user + time.system) / 1e6);
    uptime.set(process.uptime());
    const now = performance.eventLoopUtilization();
    busy.set(performance.eventLoopUtilization(now, last).utilization);
    last = now;
    for (const [quantile, percentile] of [
      ['0.5', 50],
      ['0.99', 99],
      ['1', 100],
    ] as const) {
      delays.with({ quantile }).set(watch.count === 0 ? 0 : watch.percentile(percentile) / 1e9);
    }
    watch.reset();
  });
  return watch;
}
