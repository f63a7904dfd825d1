/** The character after which ipmitool takes commands, at the start of a line. One nobody types (^^). */
export const SOL_ESCAPE = '\x1e';
const ESCAPE = 0x1e;
const ENDS = new Set([0x0a, 0x0d]);

/** What people type, on its way to ipmitool. */
export class SolTyping {
  #atStart = true;

  /**
   * The bytes to hand over. The tool's escape character is left out: whoever types must never command the tool, and
   * what the tool takes for the start of a line differs between its versions.
   */
  typed(bytes: Buffer): Buffer {
    const kept = bytes.includes(ESCAPE) ? Buffer.from(bytes.filter((byte) => byte !== ESCAPE)) : bytes;
    const last = kept.at(-1);
    if (last !== undefined) this.#atStart = ENDS.has(last);
    return kept;
  }

  /** The bytes that make the tool send a break: at the start of a line, which it may need a return to get to. */
  sendBreak(): Buffer {
    const bytes = Buffer.from(this.#atStart ? `${SOL_ESCAPE}B` : `\r${SOL_ESCAPE}B`, 'latin1');
    this.#atStart = false;
    return bytes;
  }
}
