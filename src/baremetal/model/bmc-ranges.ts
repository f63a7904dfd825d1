import { isIP } from 'node:net';
import { errors } from '../errors.ts';

/** A place where a BMC may be. */
export interface BmcPlace {
  /** IP address or host name. */
  host: string;
  /** Null: the usual one of each protocol. */
  port: number | null;
  /** Only where it was written. */
  scheme: 'http' | 'https' | null;
}

/** Places of one search, at most. */
export const MOST_PLACES = 65_536;

/**
 * Reads what people write for one or many BMCs: `192.0.2.7`, `bmc7.example.org`, `https://192.0.2.7:8443`,
 * `192.0.2.0/24`, `192.0.2.10-192.0.2.40`, `192.0.2.10-40`, `[2001:db8::7]`; each with `:port` or `:port-port`. A
 * network's first and last address are left out. Doubles count once. Throws 400 with a sentence.
 */
export function readPlaces(texts: readonly string[]): BmcPlace[] {
  const places = new Map<string, BmcPlace>();
  for (const text of texts) {
    for (const place of readOne(text.trim())) {
      places.set(placeName(place), place);
      if (places.size > MOST_PLACES) throw errors.Invalid(`That is more than ${MOST_PLACES} places.`);
    }
  }
  if (places.size === 0) throw errors.Invalid('No place to look at is given.');
  return [...places.values()];
}

/** As people write it: `192.0.2.7`, `[2001:db8::7]:8443`. */
export function placeName({ host, port, scheme }: BmcPlace): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${scheme === null ? '' : `${scheme}://`}${name}${port === null ? '' : `:${port}`}`;
}

/** The opposite of `placeName`. */
export function placeOf(name: string): BmcPlace {
  const [place] = readPlaces([name]);
  if (place === undefined) throw errors.Invalid(`"${name}" is no place.`);
  return place;
}

function* readOne(text: string): Generator<BmcPlace> {
  const bad = (why: string) => errors.Invalid(`"${text.slice(0, 100)}" names no BMC: ${why}.`);
  const found = /^(?:(https?):\/\/)?(\[[^\]]+\]|[^:]*|[0-9a-f]*:[0-9a-f:.]+)(?::(\d+)(?:-(\d+))?)?\/?$/i.exec(text);
  if (found === null) throw bad('it is neither an address, nor a name, nor a range');
  const [, protocol, where = '', low, high] = found;
  const scheme = protocol === undefined ? null : (protocol.toLowerCase() as 'http' | 'https');
  const from = low === undefined ? null : Number(low);
  const to = high === undefined ? from : Number(high);
  if (from !== null && to !== null && (from < 1 || to > 65_535 || to < from)) throw bad('its ports are none');
  for (const host of hosts(where.replace(/^\[|\]$/g, ''), bad)) {
    if (from === null || to === null) yield { host, port: null, scheme };
    else for (let port = from; port <= to; port++) yield { host, port, scheme };
  }
}

function* hosts(where: string, bad: (why: string) => Error): Generator<string> {
  const network = /^([\d.]+)\/(\d{1,2})$/.exec(where);
  const range = /^([\d.]+)-([\d.]+)$/.exec(where);
  if (network?.[1] !== undefined && isIP(network[1]) === 4) {
    const bits = Number(network[2]);
    if (bits < 16 || bits > 32) throw bad('a network may have from /16 to /32');
    const size = 2 ** (32 - bits);
    const first = Math.floor(number(network[1]) / size) * size;
    // network and broadcast addresses belong to nobody, in networks that have them
    const [skip, last] = size > 2 ? [1, size - 1] : [0, size];
    for (let i = skip; i < last; i++) yield dotted(first + i);
  } else if (range?.[1] !== undefined && range[2] !== undefined && isIP(range[1]) === 4) {
    const short = /^\d{1,3}$/.test(range[2]);
    const end = short ? range[1].replace(/\d+$/, range[2]) : range[2];
    if (isIP(end) !== 4) throw bad('the end of the range is no address');
    const [a, b] = [number(range[1]), number(end)];
    if (b < a) throw bad('the range ends before it begins');
    if (b - a >= MOST_PLACES) throw bad(`it holds more than ${MOST_PLACES} addresses`);
    for (let i = a; i <= b; i++) yield dotted(i);
  } else if (isIP(where) !== 0 || (isIP(where) === 0 && isHostName(where))) yield where.toLowerCase();
  else throw bad('it is neither an address, nor a name, nor a range');
}

const isHostName = (text: string) =>
  text.length <= 253 &&
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text) &&
  /[a-z]/i.test(text);

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
