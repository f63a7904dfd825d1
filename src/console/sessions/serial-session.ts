import type { Scope } from '../model/scope.ts';
import { scopedRecords } from '../log/read.ts';
import { replay } from '../log/replay.ts';
import { ConsoleSession, type SessionParts } from './session.ts';

const REPLAY_BYTES = 32 * 1024;
/** Typed bytes of one message. */
const MAX_TYPED = 16 * 1024;
const CHUNK = 64 * 1024;

/**
 * One person at a serial console. It reads the recording as it grows, at the reader's own pace: however slow a reader
 * is, no more than one piece of it waits in memory, and nobody else waits for it.
 */
export class SerialSession extends ConsoleSession {
  readonly #scope: Scope;
  #news = true;
  #wake: () => void = () => {};

  constructor(parts: SessionParts) {
    super(parts);
    this.#scope = this.ticket.scope === 'all' ? 'all' : new Set([this.ticket.scope]);
  }

  records(): void {
    this.#news = true;
    this.#wake();
  }

  protected stop(): void {
    this.#wake();
    // A reader that takes nothing would keep the session open.
    if (this.socket.bufferedAmount > 0) this.socket.terminate();
  }

  protected async serve(): Promise<void> {
    this.socket.on('message', (data: Buffer, isBinary: boolean) => void this.#message(data, isBinary));
    const { data, end } = await replay(this.console.log, this.#scope, REPLAY_BYTES);
    this.say({ type: 'hello', node: this.ticket.node, mode: this.ticket.mode, replayed: data.length });
    this.sayWriter();
    if (data.length > 0) await this.#send(data);
    await this.#follow(end);
  }

  async #follow(from: number): Promise<void> {
    let at = from;
    const { log } = this.console;
    while (!this.isOver) {
      if (!this.#news) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.isOver) return;
      }
      this.#news = false;
      if (log.start > at) {
        this.say({ type: 'notice', text: 'you read too slowly: some output is not shown here' });
        at = log.start;
      }
      const to = log.end;
      let parts: Buffer[] = [];
      let size = 0;
      const flush = async () => {
        if (size > 0) await this.#send(Buffer.concat(parts));
        parts = [];
        size = 0;
      };
      for await (const record of scopedRecords(log, this.#scope, at, to)) {
        if (this.isOver) return;
        if (record.kind === 'note') {
          await flush();
          this.say({ type: 'notice', text: record.bytes.toString('utf8') });
          continue;
        }
        parts.push(record.bytes);
        size += record.bytes.length;
        if (size >= CHUNK) await flush();
      }
      await flush();
      at = to;
    }
  }

  async #message(data: Buffer, isBinary: boolean): Promise<void> {
    if (this.isOver) return;
    if (isBinary || !this.speaks) await this.#type(data);
    else if (this.control(data) === 'break' && this.writes) this.#sendBreak();
  }

  async #type(bytes: Buffer): Promise<void> {
    if (bytes.length > MAX_TYPED) {
      this.end('protocol');
      return;
    }
    if (!this.writes) {
      this.say({ type: 'notice', text: 'somebody else writes; take over to write yourself' });
      return;
    }
    const { line } = this.console;
    if (line === undefined) {
      this.say({ type: 'notice', text: 'the console is not connected now' });
      return;
    }
    // A slow line slows who types, and nobody else.
    this.socket.pause();
    await line.write(bytes);
    this.socket.resume();
  }

  #sendBreak(): void {
    const { line } = this.console;
    if (line?.sendBreak === undefined) this.say({ type: 'notice', text: 'this console cannot send a break' });
    else line.sendBreak();
  }

  /** Resolves when the socket has taken it. */
  #send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.readyState === this.socket.OPEN) this.socket.send(bytes, () => resolve());
      else resolve();
    });
  }
}
