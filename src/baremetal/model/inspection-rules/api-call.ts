import { messageOf } from '#kernel/errors';

/** A GET that a rule asks for, once what all rules made of the node is written. */
export interface ApiCall {
  rule: string;
  /** Nothing of it is told. */
  sensitive: boolean;
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  retries: number;
  backoffMs: number;
}

/** A name of a header; those of the connection itself are not a rule's to write. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const CONNECTION = /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|keep-alive|expect)$/i;
const MAX_HEADERS = 32;
const MAX_TIMEOUT_S = 60;
const MAX_RETRIES = 10;
const MAX_BACKOFF_S = 10;

function number(name: string, value: unknown, fallback: number, from: number, to: number): number {
  if (value === undefined || value === null) return fallback;
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read !== 'number' || !(read >= from && read <= to))
    throw new Error(`${name} is not from ${from} to ${to}`);
  return read;
}

function headersOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('headers are not an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_HEADERS) throw new Error(`there are more than ${MAX_HEADERS} headers`);
  return Object.fromEntries(
    entries.map(([name, text]: [string, unknown]) => {
      if (!HEADER.test(name) || CONNECTION.test(name))
        throw new Error(`a rule cannot send the header ${name.slice(0, 64)}`);
      const said = String(text);
      if (/[^\t\x20-\x7e]/.test(said) || said.length > 4096)
        throw new Error(`the header ${name} cannot hold its value`);
      return [name, said];
    }),
  );
}

/**
 * Reads the arguments of `api-call`, with Ironic's defaults: 5 seconds, 3 more tries, 0.3 seconds between them at first.
 * Throws an Error that says what cannot be done.
 */
export function readApiCall(args: Readonly<Record<string, unknown>>, rule: string, sensitive: boolean): ApiCall {
  const { url } = args;
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error('the url is no http or https URL');
  }
  return {
    rule,
    sensitive,
    url,
    headers: headersOf(args['headers']),
    timeoutMs: number('timeout', args['timeout'], 5, 0.001, MAX_TIMEOUT_S) * 1000,
    retries: Math.trunc(number('retries', args['retries'], 3, 0, MAX_RETRIES)),
    backoffMs: number('backoff_factor', args['backoff_factor'], 0.3, 0, MAX_BACKOFF_S) * 1000,
  };
}

/** Answers that are worth another try. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/** One exchange: gives the status. Throws when there is no answer. */
export type Get = (call: ApiCall) => Promise<number>;

/**
 * Makes a call, again while it may help: after answers that pass, and when there was none. Throws an Error naming the
 * rule unless the answer is below 400.
 */
export async function makeApiCall(call: ApiCall, get: Get, sleep: (ms: number) => Promise<void>): Promise<void> {
  let why = '';
  for (let attempt = 0; attempt <= call.retries; attempt++) {
    if (attempt > 0) await sleep(call.backoffMs * 2 ** (attempt - 1));
    try {
      const status = await get(call);
      if (status < 400) return;
      why = `it answered ${status}`;
      if (!PASSING.has(status)) break;
    } catch (error) {
      why = messageOf(error);
    }
  }
  const what = call.sensitive ? 'it is sensitive: no details' : `api-call to ${new URL(call.url).host}: ${why}`;
  throw new Error(`Inspection rule ${call.rule} could not be carried out: ${what}`);
}
