/** What people at a terminal want of the command itself, as with ssh: `~.` at the start of a line and the like. */
export type Escape = 'quit' | 'help' | 'break' | 'take' | 'release';

const TILDE = 0x7e;
const KEYS: Record<string, Escape> = { '.': 'quit', '?': 'help', B: 'break', t: 'take', r: 'release' };

/** Tells escapes from what is to be typed. `~~` at the start of a line types one. */
export class EscapeParser {
  #atStart = true;
  #tilde = false;

  /** Gives in order what is to be typed and what is to be done. */
  push(bytes: Uint8Array): (Buffer | Escape)[] {
    const out: (Buffer | Escape)[] = [];
    let run: number[] = [];
    const flush = () => {
      if (run.length > 0) out.push(Buffer.from(run));
      run = [];
    };
    for (const byte of bytes) {
      if (this.#tilde) {
        this.#tilde = false;
        const escape = KEYS[String.fromCharCode(byte)];
        if (escape !== undefined) {
          flush();
          out.push(escape);
          // An escape leaves the line where it was: at its start.
          continue;
        }
        run.push(TILDE);
        this.#atStart = false;
        if (byte === TILDE) continue;
      } else if (byte === TILDE && this.#atStart) {
        this.#tilde = true;
        continue;
      }
      run.push(byte);
      this.#atStart = byte === 0x0d || byte === 0x0a;
    }
    flush();
    return out;
  }
}

export const ESCAPE_HELP = [
  '~.  leave',
  '~B  send a break',
  '~t  take over the keyboard',
  '~r  let others write',
  '~~  type a ~',
  '~?  this help',
];
