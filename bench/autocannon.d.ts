/** The part of the load generator's face that the benches use; it ships no types. */
declare module 'autocannon' {
  interface Request {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
    /** Makes each request anew. */
    setupRequest?: (request: Request) => Request;
  }
  interface Options {
    url: string;
    method?: string;
    /** Seconds. */
    duration?: number;
    connections?: number;
    pipelining?: number;
    headers?: Record<string, string>;
    body?: string;
    requests?: Request[];
  }
  interface Result {
    /** Seconds it really took. */
    duration: number;
    requests: { average: number; total: number };
    latency: { p50: number; p99: number; average: number };
    non2xx: number;
    errors: number;
  }
  function autocannon(options: Options): Promise<Result>;
  export default autocannon;
  export type { Options, Request, Result };
}
