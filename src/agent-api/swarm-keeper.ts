import { type BlockManifest, blockLength } from './manifest.ts';
import { bitsFromText, hasBit, type Peer, type PeerAnnouncement, type PeerAnswer } from './swarm.ts';

interface Member {
  peer: Peer;
  have: Uint8Array;
  heardAt: number;
  /** Block → when it was granted. */
  granted: Map<number, number>;
}

export interface SwarmLimits {
  /** Blocks one machine may take from the source at a time. */
  grantsEach: number;
  /** A grant that did not become a block by then goes to somebody else; those of a machine that is gone go at once. */
  grantMs: number;
  /** A member unheard for so long is gone. */
  silentMs: number;
  /** Peers named in one answer. */
  peersNamed: number;
}

const LIMITS: SwarmLimits = { grantsEach: 8, grantMs: 120_000, silentMs: 15_000, peersNamed: 16 };

/**
 * The keeper of one image's swarm: hears announcements, hands each block of the source to one machine at a time.
 * Holds no clock and no sockets: whoever serves the manifest calls `announce` with its monotonic time.
 */
export class SwarmKeeper {
  readonly #manifest: BlockManifest;
  readonly #limits: SwarmLimits;
  readonly #members = new Map<string, Member>();

  constructor(manifest: BlockManifest, limits: Partial<SwarmLimits> = {}) {
    this.#manifest = manifest;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Members heard of lately. */
  get size(): number {
    return this.#members.size;
  }

  /** Takes an announcement, checked for its shape by the caller, and says who is there and what may be fetched. */
  announce(said: PeerAnnouncement, now: number): PeerAnswer {
    for (const [uuid, member] of this.#members) {
      if (now - member.heardAt > this.#limits.silentMs) this.#members.delete(uuid);
    }
    if (said.leaving === true) {
      this.#members.delete(said.node_uuid);
      return { peers: [], granted: [] };
    }
    const me = this.#hear(said, now);
    const others = [...this.#members].filter(([uuid]) => uuid !== said.node_uuid).map(([, member]) => member);
    return {
      peers: this.#named(others),
      granted: this.#grant(me, others, said.want, now),
      next_seconds: 1,
    };
  }

  #hear(said: PeerAnnouncement, now: number): Member {
    const { url, verify_ca, secret, have } = said;
    const known = this.#members.get(said.node_uuid);
    const member: Member = {
      peer: { url, verify_ca, secret, have },
      have: bitsFromText(have, this.#manifest.blocks.length),
      heardAt: now,
      granted: known?.granted ?? new Map(),
    };
    for (const [block, at] of member.granted) {
      if (hasBit(member.have, block) || now - at > this.#limits.grantMs) member.granted.delete(block);
    }
    this.#members.set(said.node_uuid, member);
    return member;
  }

  /** Those that were heard last first: they are the most alive. */
  #named(others: readonly Member[]): Peer[] {
    return [...others]
      .sort((a, b) => b.heardAt - a.heardAt)
      .slice(0, this.#limits.peersNamed)
      .map((member) => member.peer);
  }

  #grant(me: Member, others: readonly Member[], want: readonly number[], now: number): number[] {
    const taken = (block: number) =>
      hasBit(me.have, block) || others.some((other) => hasBit(other.have, block) || other.granted.has(block));
    for (const block of want) {
      if (me.granted.size >= this.#limits.grantsEach) break;
      const fits = Number.isInteger(block) && block >= 0 && block < this.#manifest.blocks.length;
      if (fits && this.#manifest.blocks[block] !== null && !taken(block)) me.granted.set(block, now);
    }
    return [...me.granted.keys()];
  }

  /** Bytes a machine still lacks, for whoever shows it. */
  lacking(nodeUuid: string): number {
    const have = this.#members.get(nodeUuid)?.have;
    return this.#manifest.blocks.reduce<number>(
      (sum, hash, i) => sum + (hash !== null && !(have && hasBit(have, i)) ? blockLength(this.#manifest, i) : 0),
      0,
    );
  }
}
