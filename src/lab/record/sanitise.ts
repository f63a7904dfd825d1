import { createHmac } from 'node:crypto';
import type { Tree } from './tree.ts';

/** Members whose value tells whose machine this is, and how its replacement must look. */
const SECRET: readonly [RegExp, (value: string, digest: Buffer) => string][] = [
  [/(MAC|Mac)Address(es)?$/, (value, digest) => macLike(value, digest)],
  [/^(UUID|ServiceUUID|EnclosureId)$|UUID$/, (value, digest) => shaped(value, digest)],
  [
    /(SerialNumber|ServiceTag|AssetTag|ExpressServiceCode|ExpressSvcCode|NodeID|BoardSerialNumber|PPID|Serial)$/,
    (value, digest) => shaped(value, digest),
  ],
  [
    /(HostName|FQDN|DomainName|DNSRacName|SystemHostName|DnsName|Hostname)$/,
    (_value, digest) => `host-${digest.toString('hex').slice(0, 8)}`,
  ],
  [
    /^(IPv4|IPv6|IP)?Address(es)?$|^(Gateway|IPv6DefaultGateway|ClientOriginIPAddress|StaticNameServers|NameServers)$/,
    (value, digest) => addressLike(value, digest),
  ],
  [
    /(WWN|WWPN|WWNN|NodeGUID|PortGUID|DurableName|SASAddress|NAA|IQN|IqnName|InitiatorName)$/,
    (value, digest) => shaped(value, digest),
  ],
  [
    /(License|Entitlement|Token|Password|Passphrase|SecretKey|PublicKey|CertificateString|Community|CommunityName)(ID|Key|String)?$/i,
    () => '******',
  ],
  [
    /(UserName|Contact|ContactInfo|Email|EmailAddress|Owner|RackName|RoomName|BuildingName|Aisle|City|Street|PostalCode|Latitude|Longitude)$/,
    (_value, digest) => `x-${digest.toString('hex').slice(0, 6)}`,
  ],
];

/** Values that say nothing, however secret the member. */
const HARMLESS =
  /^(|0+|N\/?A|NA|None|Null|Unknown|Not ?(Available|Specified|Set)|To be filled.*|Default.*|0\.0\.0\.0|::|127\.0\.0\.1|(00[:-]){5}00|(ff[:-]){5}ff|root|admin|administrator|anonymous)$/i;

/**
 * A copy of the tree without what identifies the machine, its place or its owner. One original has one
 * replacement everywhere, in values, inside texts, and in paths, so that links still lead where they led.
 * Replacements keep the shape (letters, digits, punctuation) and depend on `salt`, which is to be thrown away.
 */
export function sanitised(tree: Tree, salt: Buffer): Tree {
  const replacements = new Map<string, string>();
  for (const json of tree.values()) collect(json, '', salt, replacements);
  // short originals are replaced where they are the whole value only: inside other texts they are chance
  const finder = finderOf([...replacements.keys()].filter((text) => text.length >= 6));
  const inside = (text: string) =>
    finder === undefined ? text : text.replace(finder, (found) => replacements.get(found) ?? found);
  const replace = (text: string, key: string) =>
    ruleOf(key) === undefined ? inside(text) : (replacements.get(text) ?? inside(text));
  return new Map(
    [...tree].map(([path, json]) => [inside(path), rewrite(json, '', replace) as Record<string, unknown>]),
  );
}

const ruleOf = (key: string) => {
  // vendors write "ServerTopology.1.RackName": the last part is the name
  const name = key.split('.').at(-1) ?? key;
  return SECRET.find(([pattern]) => pattern.test(name));
};

function collect(value: unknown, key: string, salt: Buffer, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, key, salt, into);
  } else if (typeof value === 'object' && value !== null) {
    for (const [k, v] of Object.entries(value)) collect(v, k, salt, into);
  } else if (typeof value === 'string' && value.length >= 4 && !HARMLESS.test(value)) {
    const rule = ruleOf(key);
    if (rule === undefined) return;
    const make = (text: string) => rule[1](text, createHmac('sha256', salt).update(text.toLowerCase()).digest());
    for (const spelling of spellings(value, key)) if (!into.has(spelling)) into.set(spelling, make(spelling));
  }
}

/** A MAC address also appears without colons and in the other case, for instance in resource ids. */
function spellings(value: string, key: string): string[] {
  if (!/(MAC|Mac)Address(es)?$/.test(key) || !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value)) return [value];
  const bare = value.replace(/[:-]/g, '');
  return [...new Set([value, value.toUpperCase(), value.toLowerCase(), bare.toUpperCase(), bare.toLowerCase()])];
}

interface Letters {
  next: Map<string, Letters>;
  end: boolean;
}

/**
 * One expression for all originals, the longest possible match first. Common beginnings are shared, so that
 * thousands of originals cost no more than a few at each position of a text.
 */
function finderOf(originals: readonly string[]): RegExp | undefined {
  if (originals.length === 0) return undefined;
  const root: Letters = { next: new Map(), end: false };
  for (const text of originals) {
    let at = root;
    for (const letter of text) {
      let next = at.next.get(letter);
      if (next === undefined) {
        next = { next: new Map(), end: false };
        at.next.set(letter, next);
      }
      at = next;
    }
    at.end = true;
  }
  const source = (at: Letters): string => {
    if (at.next.size === 0) return '';
    const all = [...at.next].map(([letter, next]) => letter.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&') + source(next));
    return `(?:${all.join('|')})${at.end ? '?' : ''}`;
  };
  return new RegExp(source(root), 'g');
}

function rewrite(value: unknown, key: string, replace: (text: string, key: string) => string): unknown {
  if (typeof value === 'string') return replace(value, key);
  if (Array.isArray(value)) return value.map((v) => rewrite(v, key, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [replace(k, ''), rewrite(v, k, replace)]));
}

/** Letters become letters and digits digits; a UUID stays one, a serial number keeps its length. */
function shaped(value: string, digest: Buffer): string {
  const hex = /^[0-9a-f:-]+$/i.test(value);
  let i = 0;
  return value.replace(/[0-9A-Za-z]/g, (c) => {
    const byte = (digest[i % digest.length] ?? 0) + Math.floor(i / digest.length);
    i++;
    if (/[0-9]/.test(c) && !hex) return String(byte % 10);
    if (hex) {
      const digit = (byte % 16).toString(16);
      return /[A-F]/.test(value) ? digit.toUpperCase() : digit;
    }
    return String.fromCharCode((c >= 'a' ? 97 : 65) + (byte % 26));
  });
}

/** A locally administered address in the same spelling. */
function macLike(value: string, digest: Buffer): string {
  const bytes = [0x02, ...digest.subarray(0, 5)].map((b) => b.toString(16).padStart(2, '0'));
  const text = bytes.join(value.includes(':') ? ':' : value.includes('-') ? '-' : '');
  return /[A-F]/.test(value) || value === value.toUpperCase() ? text.toUpperCase() : text;
}

/** Addresses of the documentation ranges (RFC 5737, RFC 3849); other texts keep their shape. */
function addressLike(value: string, digest: Buffer): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) {
    return value.startsWith('255.') ? value : `192.0.2.${(digest[0] ?? 0) % 254 || 1}`;
  }
  if (value.includes(':') && /^[0-9a-f:]+$/i.test(value)) return `2001:db8::${digest.subarray(0, 2).toString('hex')}`;
  return shaped(value, digest);
}
