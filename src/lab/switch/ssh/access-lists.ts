import type { LabAce, LabConfig, LabPort } from '../state.ts';

// Access lists as switches of Cisco's kind have them: what is typed is understood, and shown again as they write it.

/** How a kind of switch writes its lists. */
export interface ListLanguage {
  /** `ip access-list extended`, `ipv6 access-list`. */
  head: Readonly<Record<4 | 6, string>>;
  /** `ip access-group`. */
  bind: Readonly<Record<4 | 6, string>>;
  /** Directions a port takes. */
  directions: readonly string[];
  /** Words for the protocols of IPv6. */
  icmp6: 'icmp' | 'icmpv6';
  /** How IPv4 networks are taken and shown. */
  networks: 'wildcard' | 'host' | 'cidr' | 'masked' | 'any as a mask';
  /** The word for every protocol, where it is one for both versions. */
  any?: string;
  /** Stands before a kind of ICMP. */
  kindWord?: string;
  /** Names stand in quotes. */
  quoted?: true;
  /** A list that is not there cannot be bound. */
  mustExist?: true;
  /** What stands before an entry that is shown. */
  number(n: number): string;
  /** Well-known numbers are shown as words. */
  words: boolean;
  kinds: boolean;
}

const SERVICES: Readonly<Record<number, string>> = { 53: 'domain', 67: 'bootps', 68: 'bootpc', 80: 'www' };
const KINDS6: Readonly<Record<number, string>> = { 134: 'router-advertisement' };

/** The list a head line opens: its family and name. */
export function listOpened(language: ListLanguage, line: string): { family: 4 | 6; name: string } | undefined {
  for (const family of [4, 6] as const) {
    const head = `${language.head[family]} `;
    const said = line.startsWith(head) ? line.slice(head.length) : '';
    const name = language.quoted === true ? said.replace(/^"(.+)"$/, '$1') : said;
    if (/^[\w-]{1,64}$/.test(name)) return { family, name };
  }
  return undefined;
}

/** undefined: it is no entry of such a list. */
export function parseAce(language: ListLanguage, family: 4 | 6, line: string): LabAce | undefined {
  const words = line.split(' ');
  const action = words.shift();
  const protocol = words.shift() ?? '';
  const any = language.any ?? (family === 4 ? 'ip' : 'ipv6');
  const known = ['tcp', 'udp', any, family === 4 ? 'icmp' : language.icmp6];
  if ((action !== 'permit' && action !== 'deny') || !known.includes(protocol)) return undefined;
  const source = network(language, family, words);
  const destination = network(language, family, words);
  if (source === undefined || destination === undefined) return undefined;
  const ace: LabAce = { action, protocol, source, destination, ports: null, kind: null };
  if (words[0] === 'eq' || words[0] === 'range') {
    if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
    const ranged = words.shift() === 'range';
    const from = Number(words.shift());
    const to = ranged ? Number(words.shift()) : from;
    if (!(from >= 0 && to >= from && to <= 65_535)) return undefined;
    ace.ports = [from, to];
  }
  if (words.length > 0) {
    if (language.kindWord !== undefined && words.shift() !== language.kindWord) return undefined;
    const kind = Number(words.shift());
    if (!protocol.startsWith('icmp') || !language.kinds || !(kind >= 0 && kind <= 255)) return undefined;
    ace.kind = kind;
  }
  return words.length === 0 ? ace : undefined;
}

function network(language: ListLanguage, family: 4 | 6, words: string[]): string | undefined {
  const word = words.shift() ?? '';
  if (word === 'any') return 'any';
  if (word === 'host') {
    const address = words.shift();
    return address === undefined || language.networks === 'cidr' ? undefined : `${address}/${family === 4 ? 32 : 128}`;
  }
  if (language.networks === 'masked' && !word.includes('/')) {
    if (family === 6) return /^[\da-f:]*:[\da-f:]*$/.test(word) ? `${word}/128` : undefined;
    return /^[\d.]+$/.test(word) ? `${word}/32` : undefined;
  }
  if (family === 6) return /^[\da-f:]+\/\d{1,3}$/.test(word) ? word : undefined;
  if (language.networks !== 'wildcard') return /^[\d.]+\/\d{1,2}$/.test(word) ? word : undefined;
  const parts = (words.shift() ?? '').split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  const bits = parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  return /^0*1*$/.test(bits) ? `${word}/${bits.indexOf('1') === -1 ? 32 : bits.indexOf('1')}` : undefined;
}

/** `show running-config` of all lists. */
export function showLists(language: ListLanguage, config: LabConfig): [head: string, lines: string[]][] {
  return [...config.lists].map(([key, aces]) => {
    const family = key.startsWith('4') ? 4 : 6;
    const head = `${language.head[family]} ${inQuotes(language, key.slice(2))}`;
    return [head, aces.map((ace, i) => `${language.number((i + 1) * 10)}${showAce(language, family, ace)}`)];
  });
}

function showAce(language: ListLanguage, family: 4 | 6, ace: LabAce): string {
  const service = (port: number) => (language.words ? (SERVICES[port] ?? String(port)) : String(port));
  const parts = [ace.action, ace.protocol, showNetwork(language, family, ace.source)];
  parts.push(showNetwork(language, family, ace.destination));
  if (ace.ports !== null) {
    const [from, to] = ace.ports;
    parts.push(from === to ? `eq ${service(from)}` : `range ${service(from)} ${service(to)}`);
  }
  if (ace.kind !== null) {
    const word = family === 6 && language.words ? KINDS6[ace.kind] : undefined;
    if (language.kindWord !== undefined) parts.push(language.kindWord);
    parts.push(word ?? String(ace.kind));
  }
  return parts.join(' ');
}

const inQuotes = ({ quoted }: ListLanguage, name: string): string => (quoted === true ? `"${name}"` : name);
const free = (bits: number): string => {
  const count = 2 ** (32 - bits) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(count / 2 ** shift) % 256).join('.');
};
const covered = (bits: number): string =>
  free(bits)
    .split('.')
    .map((part) => 255 - Number(part))
    .join('.');

function showNetwork({ networks }: ListLanguage, family: 4 | 6, cidr: string): string {
  const [address = '', bits] = cidr.split('/');
  if (networks === 'any as a mask') {
    if (family === 6) return cidr === 'any' ? '::/0' : cidr;
    return cidr === 'any' ? `0.0.0.0 ${free(0)}` : `${address} ${free(Number(bits))}`;
  }
  if (networks === 'masked' && cidr !== 'any') {
    if (bits === (family === 4 ? '32' : '128')) return address;
    return family === 6 ? cidr : `${address}/${covered(Number(bits))}`;
  }
  if (cidr === 'any' || networks === 'cidr') return cidr;
  if (bits === (family === 4 ? '32' : '128')) return `host ${address}`;
  if (family === 6 || networks === 'host') return cidr;
  return `${address} ${free(Number(bits))}`;
}

/** Binds a list to a port, or takes it off. False: it is no such line, or refused. */
export function bindList(language: ListLanguage, config: LabConfig, port: LabPort, line: string): boolean {
  const off = line.startsWith('no ');
  for (const family of [4, 6] as const) {
    const found = new RegExp(`^${off ? 'no ' : ''}${language.bind[family]} "?([\\w-]+)"? (in|out)$`).exec(line);
    if (found === null || !language.directions.includes(found[2] as string)) continue;
    const key = `${found[2]}${family}`;
    if (language.mustExist === true && !off && !config.lists.has(`${family}:${found[1]}`)) return false;
    if (!off) port.filters[key] = found[1] as string;
    else if (port.filters[key] === found[1]) delete port.filters[key];
    else return false;
    return true;
  }
  return false;
}

/** The lines of a port that bind its lists. */
export const showBound = (language: ListLanguage, port: LabPort): string[] =>
  Object.entries(port.filters).map(
    ([key, name]) => `${language.bind[key.endsWith('4') ? 4 : 6]} ${inQuotes(language, name)} ${key.slice(0, -1)}`,
  );
