/** Bytes of the client's messages after the handshake, by type (RFC 6143 7.5, and what noVNC and QEMU add). */
const FIXED: Record<number, number> = { 0: 20, 3: 10, 4: 8, 5: 6, 150: 10, 255: 12 };
/** Messages that act on the machine: keys, pointer, clipboard, size of the screen, QEMU's keys. */
const ACTS = new Set([4, 5, 6, 251, 255]);
const MAX_HELD = 256 * 1024;

/**
 * Follows what an RFB client sends, so that who only reads cannot act: keys, pointer and clipboard are left out. A
 * message of an unknown kind makes it useless from there on: `null`.
 */
export class RfbGate {
  #held: Buffer = Buffer.alloc(0);
  /** What of the handshake is still to come: version, security type, shared flag. */
  readonly #handshake: number[] = [12, 1, 1];

  /** The bytes to pass on. `mayAct` is asked for each message. Null: this is no RFB. */
  pass(bytes: Buffer, mayAct: () => boolean): Buffer | null {
    this.#held = Buffer.concat([this.#held, bytes]);
    const out: Buffer[] = [];
    for (;;) {
      const step = this.#handshake[0];
      if (step !== undefined) {
        if (this.#held.length < step) break;
        out.push(this.#cut(step));
        this.#handshake.shift();
        continue;
      }
      const size = this.#sizeOf();
      if (size === null || size > MAX_HELD) return null;
      if (size === 0 || this.#held.length < size) break;
      const type = this.#held[0] as number;
      const message = this.#cut(size);
      if (!ACTS.has(type) || mayAct()) out.push(message);
    }
    return Buffer.concat(out);
  }

  #cut(size: number): Buffer {
    const part = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return part;
  }

  /** 0: not known yet; null: no message we know. */
  #sizeOf(): number | null {
    const held = this.#held;
    const [type] = held;
    if (type === undefined) return 0;
    const fixed = FIXED[type];
    if (fixed !== undefined) return fixed;
    switch (type) {
      case 2:
        return held.length < 4 ? 0 : 4 + 4 * held.readUInt16BE(2);
      case 6: {
        if (held.length < 8) return 0;
        // a negative length is the extended clipboard's
        return 8 + Math.abs(held.readInt32BE(4));
      }
      case 248:
        return held.length < 9 ? 0 : 9 + (held[8] as number);
      case 251:
        return held.length < 8 ? 0 : 8 + 16 * (held[6] as number);
      default:
        return null;
    }
  }
}
