import type { Duplex } from 'node:stream';
import type { Clock } from '#kernel/clock';
import type { SshConnection } from './client.ts';
import { errors } from './errors.ts';

/** More than any configuration; what a broken or hostile switch may make us hold. */
const MOST = 32 * 1024 * 1024;
/** Colours and cursor moves, which some command lines send to any terminal. */
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[=>78]|[\u0000\u0007]/g;

/** A command line: what is typed, and what comes until it waits for more. One caller at a time. */
export class Shell {
  readonly #channel: Duplex;
  readonly #where: string;
  readonly #clock: Clock;
  #text = '';
  #ended: string | undefined;
  #wake: () => void = () => {};

  constructor(channel: Duplex, connection: SshConnection, clock: Clock) {
    this.#channel = channel;
    this.#where = connection.where;
    this.#clock = clock;
    const decoder = new TextDecoder('utf-8');
    channel.on('data', (bytes: Buffer) => {
      this.#text += decoder.decode(bytes, { stream: true });
      if (this.#text.length > MOST) this.#end(`it sent more than ${MOST} bytes`);
      this.#wake();
    });
    channel.on('error', () => {});
    channel.on('close', () => this.#end('the command line ended'));
    connection.onClose((why) => this.#end(why));
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  /** Types a line. It must hold no line end of its own. */
  type(line: string): void {
    if (/[\r\n]/.test(line)) throw new TypeError('a line has no line end');
    if (this.#ended === undefined) this.#channel.write(`${line}\n`);
  }

  /**
   * What comes until it ends in `pattern`, carriage returns and escapes taken out; gives it with the match. Throws
   * `SshSilent` after `ms`, `SshClosed`, and the signal's reason.
   */
  async until(
    pattern: RegExp,
    what: string,
    ms: number,
    signal: AbortSignal,
  ): Promise<{ text: string; match: RegExpExecArray }> {
    const end = this.#clock.monotonic() + ms;
    for (;;) {
      signal.throwIfAborted();
      // The tail alone says whether it waits: a long configuration is not looked through at every packet.
      const tail = plain(this.#text.slice(-400));
      const match = pattern.exec(tail);
      if (match !== null) {
        const text = plain(this.#text);
        this.#text = '';
        return { text, match };
      }
      if (this.#ended !== undefined) throw errors.SshClosed(this.#where, this.#ended);
      const left = end - this.#clock.monotonic();
      if (left <= 0) throw errors.SshSilent(this.#where, what, ms);
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(left, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
        signal.addEventListener('abort', this.#wake, { once: true });
      });
      signal.removeEventListener('abort', this.#wake);
    }
  }

  close(): void {
    this.#end('closed by us');
    this.#channel.destroy();
  }

  #end(why: string): void {
    this.#ended ??= why;
    this.#wake();
  }
}

const plain = (text: string): string =>
  text
    .replaceAll(ESCAPES, '')
    .replaceAll(/\r+\n?/g, '\n')
    .replaceAll(/\n\n+/g, '\n');
