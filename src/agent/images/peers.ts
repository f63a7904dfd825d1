import type { Peer, PeerAnnouncement, PeerAnswer } from '#agent-api/swarm';
import { bitsFromText, emptyBits, hasBit } from '#agent-api/swarm';
import { peersUrl } from '#agent-api/manifest';
import type { Clock } from '#kernel/clock';
import { isObject } from '../commands/parameters.ts';
import { askJson, type Trust } from '../http/request.ts';

/** A peer that failed is left alone for so long. */
const REST_MS = 5000;
const MOST_PEERS = 64;

interface Known {
  peer: Peer;
  have: Uint8Array;
  /** Monotonic time before which it is not asked. */
  restsUntil: number;
  asked: number;
}

export interface PeersOptions {
  manifestUrl: string;
  trust: Trust;
  clock: Clock;
  blocks: number;
}

/** The other machines that have blocks of an image, as the keeper of the manifest lists them. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #known = new Map<string, Known>();
  readonly #liars = new Set<string>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /**
   * Announces this machine and learns of the others. Gives the blocks to take from the source: null where nobody
   * keeps a list, and then everything may be taken.
   */
  async announce(said: PeerAnnouncement): Promise<{ granted: readonly number[] | null; nextMs: number }> {
    const { manifestUrl, trust, clock } = this.#options;
    const answer = await askJson({
      method: 'POST',
      url: peersUrl(manifestUrl),
      json: said,
      trust,
      totalMs: 15_000,
      clock,
    });
    if (answer.status !== 200 || !isObject(answer.body)) return { granted: null, nextMs: 10_000 };
    const body = answer.body as unknown as Partial<PeerAnswer>;
    this.#learn(Array.isArray(body.peers) ? body.peers : []);
    const seconds = Number(body.next_seconds ?? 1);
    return {
      granted: Array.isArray(body.granted) ? body.granted.filter((block) => Number.isInteger(block)) : null,
      nextMs: Math.min(30_000, Math.max(200, seconds * 1000)),
    };
  }

  /** Does anybody say it has this block? */
  listed(block: number): boolean {
    const now = this.#options.clock.monotonic();
    for (const known of this.#known.values()) {
      if (known.restsUntil <= now && hasBit(known.have, block)) return true;
    }
    return false;
  }

  /** All blocks that anybody says to have, as bits. */
  having(): Uint8Array {
    const now = this.#options.clock.monotonic();
    const all = emptyBits(this.#options.blocks);
    for (const { have, restsUntil } of this.#known.values()) {
      if (restsUntil <= now) for (let i = 0; i < all.length; i++) all[i] = (all[i] ?? 0) | (have[i] ?? 0);
    }
    return all;
  }

  /** A peer to ask for a block: the least busy. */
  who(block: number): Peer | null {
    const now = this.#options.clock.monotonic();
    let best: Known | undefined;
    for (const known of this.#known.values()) {
      if (known.restsUntil > now || !hasBit(known.have, block)) continue;
      if (best === undefined || known.asked < best.asked) best = known;
    }
    if (best !== undefined) best.asked++;
    return best?.peer ?? null;
  }

  done(peer: Peer): void {
    const known = this.#known.get(peer.url);
    if (known !== undefined) known.asked--;
  }

  /** It did not answer, or does not have it: not asked for a while. */
  failed(peer: Peer): void {
    const known = this.#known.get(peer.url);
    if (known !== undefined) known.restsUntil = this.#options.clock.monotonic() + REST_MS;
  }

  /** It gave wrong bytes: never asked again. */
  lied(peer: Peer): void {
    this.#liars.add(peer.url);
    this.#known.delete(peer.url);
  }

  #learn(peers: readonly unknown[]): void {
    const before = new Map(this.#known);
    this.#known.clear();
    for (const peer of peers.slice(0, MOST_PEERS)) {
      if (!isPeer(peer) || this.#liars.has(peer.url)) continue;
      const old = before.get(peer.url);
      this.#known.set(peer.url, {
        peer,
        have: bitsFromText(peer.have, this.#options.blocks),
        restsUntil: old?.restsUntil ?? 0,
        asked: old?.asked ?? 0,
      });
    }
  }
}

function isPeer(value: unknown): value is Peer {
  if (!isObject(value)) return false;
  const texts = ['url', 'verify_ca', 'secret', 'have'].every((name) => typeof value[name] === 'string');
  // Blocks come over TLS with the peer's own certificate, or not at all.
  return texts && URL.canParse(String(value['url'])) && String(value['url']).startsWith('https://');
}
