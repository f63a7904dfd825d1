const END = ']]>]]>';
const MOST = 32 * 1024 * 1024;

/**
 * Messages out of bytes, and the other way round. Framing 1.0 ends each with `]]>]]>` (RFC 4742); 1.1 sends them in
 * chunks that say their length (RFC 6242, 4.2). Begins with 1.0, which both hellos are sent in.
 */
export class Framing {
  #chunked = false;
  #bytes: Buffer = Buffer.alloc(0);
  /** Chunks of a message that has not ended. */
  #parts: Buffer[] = [];
  #held = 0;

  /** From the next message on. */
  chunked(): void {
    this.#chunked = true;
  }

  wrap(message: string): Buffer {
    if (!this.#chunked) return Buffer.from(`${message}${END}`);
    const body = Buffer.from(message);
    return Buffer.concat([Buffer.from(`\n#${body.length}\n`), body, Buffer.from('\n##\n')]);
  }

  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    this.#held += bytes.length;
    if (this.#held > MOST) throw new RangeError(`a message of more than ${MOST} bytes`);
  }

  /** The next whole message; undefined when it has not all come. Throws RangeError for what is no frame. */
  next(): string | undefined {
    const message = this.#chunked ? this.#nextChunked() : this.#nextPlain();
    if (message !== undefined) this.#held = this.#bytes.length;
    return message;
  }

  #nextPlain(): string | undefined {
    const end = this.#bytes.indexOf(END);
    if (end < 0) return undefined;
    const message = this.#bytes.subarray(0, end).toString('utf8');
    this.#bytes = this.#bytes.subarray(end + END.length);
    return message;
  }

  #nextChunked(): string | undefined {
    for (;;) {
      const head = /^\n#(#|[1-9]\d{0,9})\n/.exec(this.#bytes.subarray(0, 16).toString('latin1'));
      if (head === null) {
        if (this.#bytes.length >= 16) throw new RangeError('no chunk begins where one should');
        return undefined;
      }
      const start = head[0].length;
      if (head[1] === '#') {
        const message = Buffer.concat(this.#parts).toString('utf8');
        this.#parts = [];
        this.#bytes = this.#bytes.subarray(start);
        return message;
      }
      const length = Number(head[1]);
      if (length > MOST) throw new RangeError(`a chunk of ${length} bytes`);
      if (this.#bytes.length < start + length) return undefined;
      this.#parts.push(Buffer.from(this.#bytes.subarray(start, start + length)));
      this.#bytes = this.#bytes.subarray(start + length);
    }
  }
}
