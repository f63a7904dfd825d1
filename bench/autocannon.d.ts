/** The part of the load generator's face that the benches use; it ships no types. */
declare module 'autocannon' {
  interface Options {
    url: string;
    method?: string;
    /** Seconds. */
    duration?: number;
    connections?: number;
    pipelining?: number;
    headers?: Record<string, string>;
    body?: string;
  }
  interface Result {
    requests: { average: number; total: number };
    latency: { p50: number; p99: number; average: number };
    non2xx: number;
    errors: number;
  }
  function autocannon(options: Options): Promise<Result>;
  export default autocannon;
  export type { Options, Result };
}
