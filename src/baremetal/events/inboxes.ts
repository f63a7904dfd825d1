import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Random, systemRandom } from '#kernel/random';
import type { Sealer, Store } from '#store/contract';
import type { EventInbox } from '../drivers/contract.ts';
import { EVENTS_PREFIX } from './routes.ts';

/** The row of `meta` with the sealed key the names of inboxes are made with. */
const META_KEY = 'bmc_events_key';
const AAD = 'meta:bmc_events_key';

/** What became of an event: heard, sent to nobody, or sent by somebody who is not the BMC. */
export type Receipt = 'heard' | 'nobody' | 'stranger';

/** Where BMCs send their events: one address for each node, which nobody can guess and only its BMC may use. */
export interface EventInboxes {
  /** Null while this process does not listen. `host`: the BMC's, by name or address. */
  open(node: string, host: string): Promise<EventInbox | null>;
  receive(nonce: string, source: string, body: unknown): Receipt;
}

export interface InboxParts {
  store: Store;
  sealer: Sealer;
  /** As BMCs reach this process; null: they do not. */
  url(): string | null;
  random?: Random;
  /** Addresses of a host name. Default: the system's resolver. */
  resolve?: (host: string) => Promise<string[]>;
}

interface Open {
  addresses: ReadonlySet<string>;
  taken: (body: unknown) => void;
}

/**
 * Makes the inboxes of this process. A node's address stays the same over restarts and on every conductor (it is made
 * from the node's UUID with a key of the database), so that a BMC need not be told anew and an old one is known as ours.
 */
export function makeInboxes(parts: InboxParts): EventInboxes {
  const open = new Map<string, Open>();
  const resolve = parts.resolve ?? (async (host) => (await lookup(host, { all: true })).map(({ address }) => address));
  let key: Promise<Buffer> | undefined;
  const nonceOf = async (node: string) => {
    key ??= keyOf(parts);
    key.catch(() => {
      key = undefined; // the database is away: the next one asks again
    });
    return createHmac('sha256', await key)
      .update(node)
      .digest('base64url');
  };
  return {
    async open(node, host) {
      const base = parts.url();
      if (base === null) return null;
      const nonce = await nonceOf(node);
      const bare = host.replace(/^\[|\]$/g, '');
      const addresses = isIP(bare) === 0 ? await resolve(bare) : [bare];
      const mine: Open = { addresses: new Set(addresses.map(plainAddress)), taken: () => {} };
      open.set(nonce, mine);
      const path = `${EVENTS_PREFIX}/${nonce}`;
      return {
        url: `${base}${path}`,
        isOurs: (url) => url.replace(/\/+$/, '').endsWith(path),
        onEvent: (taken) => {
          mine.taken = taken;
        },
        close: () => {
          if (open.get(nonce) === mine) open.delete(nonce);
        },
      };
    },
    receive(nonce, source, body) {
      const found = open.get(nonce);
      if (found === undefined) return 'nobody';
      if (!found.addresses.has(plainAddress(source))) return 'stranger';
      found.taken(body);
      return 'heard';
    },
  };
}

/** IPv4 in IPv6's clothes is IPv4; zones are of no account. */
function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? address;
  return bare.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}

/** The key, made by the first conductor that needs it. */
async function keyOf({ store, sealer, random = systemRandom }: InboxParts): Promise<Buffer> {
  const fresh = sealer.seal(random.bytes(32).toString('base64'), AAD);
  await store.query({
    text: 'insert into meta (key, value) values ($1, $2) on conflict (key) do nothing',
    values: [META_KEY, fresh],
  });
  const [row] = await store.query<{ value: string }>({
    text: 'select value from meta where key = $1',
    values: [META_KEY],
  });
  return Buffer.from(sealer.open<string>(row?.value ?? fresh, AAD), 'base64');
}
