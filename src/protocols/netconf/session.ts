import type { Duplex } from 'node:stream';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { errors } from './errors.ts';
import { Framing } from './framing.ts';
import { child, children, element, type Markup, parseXml, textOf, type Xml } from './xml.ts';

const BASE = 'urn:ietf:params:xml:ns:netconf:base:1.0';
const CAPABILITY = 'urn:ietf:params:netconf:';

interface Waiting {
  settle(reply: Xml): void;
  fail(error: Error): void;
}

/** A NETCONF session (RFC 6241) over a channel, as SSH's subsystem `netconf` gives it. */
export class NetconfSession {
  readonly #channel: Duplex;
  readonly #where: string;
  readonly #clock: Clock;
  readonly #callMs: number;
  readonly #framing = new Framing();
  readonly #waiting = new Map<string, Waiting>();
  readonly #capabilities = new Set<string>();
  #next = 1;
  #ended: string | undefined;
  #greeted: (() => void) | undefined;

  private constructor(channel: Duplex, where: string, clock: Clock, callMs: number) {
    this.#channel = channel;
    this.#where = where;
    this.#clock = clock;
    this.#callMs = callMs;
    channel.on('data', (bytes: Buffer) => this.#take(bytes));
    channel.on('error', () => {});
    channel.on('close', () => this.#end('the other side closed it'));
  }

  /** Exchanges hellos. Throws `NetconfSilent`, `NetconfClosed`. */
  static async open(channel: Duplex, where: string, clock: Clock, callMs: number): Promise<NetconfSession> {
    const made = new NetconfSession(channel, where, clock, callMs);
    const mine = ['base:1.0', 'base:1.1', 'capability:candidate:1.0', 'capability:confirmed-commit:1.1'];
    const hello = element(
      'hello',
      [
        element(
          'capabilities',
          mine.map((name) => element('capability', CAPABILITY + name)),
        ),
      ],
      {
        xmlns: BASE,
      },
    );
    const greeted = new Promise<void>((resolve, reject) => {
      const cancel = clock.after(callMs, () => reject(errors.NetconfSilent(where, 'with its hello', callMs)));
      made.#greeted = () => {
        cancel();
        if (made.#ended === undefined) resolve();
        else reject(errors.NetconfClosed(where, made.#ended));
      };
    });
    channel.write(made.#framing.wrap(hello.xml));
    await greeted;
    if (made.has('base:1.1')) made.#framing.chunked();
    return made;
  }

  /** `candidate`, `confirmed-commit`, `startup`, `rollback-on-error`, or `base:1.1`. */
  has(name: string): boolean {
    for (const one of this.#capabilities) {
      if (one === CAPABILITY + name || one.startsWith(`${CAPABILITY}capability:${name}:`)) return true;
    }
    return false;
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  /** Sends an operation; gives its reply. Throws `NetconfRefused`, `NetconfSilent`, `NetconfClosed`. */
  async call(operation: Markup, what: string, signal: AbortSignal): Promise<Xml> {
    signal.throwIfAborted();
    if (this.#ended !== undefined) throw errors.NetconfClosed(this.#where, this.#ended);
    const id = String(this.#next++);
    const rpc = element('rpc', [operation], { 'message-id': id, xmlns: BASE });
    const reply = await new Promise<Xml>((resolve, reject) => {
      const done = (settle: () => void) => {
        cancel();
        signal.removeEventListener('abort', aborted);
        this.#waiting.delete(id);
        settle();
      };
      const cancel = this.#clock.after(this.#callMs, () => {
        // Its answer may come at any time, and would be taken for nothing: this session is over.
        done(() => reject(errors.NetconfSilent(this.#where, what, this.#callMs)));
        this.close();
      });
      const aborted = () => {
        done(() => reject(signal.reason as Error));
        this.close();
      };
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.set(id, { settle: (xml) => done(() => resolve(xml)), fail: (error) => done(() => reject(error)) });
      this.#channel.write(this.#framing.wrap(rpc.xml));
    });
    for (const error of children(reply, 'rpc-error')) {
      if (textOf(error, 'error-severity') === 'warning') continue;
      const tag = textOf(error, 'error-tag') ?? 'operation-failed';
      const words = textOf(error, 'error-message') ?? tag;
      throw errors.NetconfRefused(this.#where, what, words.slice(0, 300), {
        details: { tag, path: textOf(error, 'error-path') ?? null },
      });
    }
    return reply;
  }

  close(): void {
    this.#end('closed by us');
    this.#channel.destroy();
  }

  #take(bytes: Buffer): void {
    try {
      this.#framing.push(bytes);
      for (let text = this.#framing.next(); text !== undefined; text = this.#framing.next())
        this.#message(parseXml(text));
    } catch (error) {
      this.#end(errors.NetconfGarbage(this.#where, messageOf(error)).message);
      this.#channel.destroy();
    }
  }

  #message(message: Xml): void {
    const hello = child(message, 'hello');
    if (hello !== undefined) {
      for (const one of children(child(hello, 'capabilities'), 'capability')) {
        this.#capabilities.add((typeof one === 'string' ? one : (textOf(one) ?? '')).replace(/\?.*/, ''));
      }
      // What comes after a hello that knows 1.1 is in chunks already.
      if (this.has('base:1.1')) this.#framing.chunked();
      this.#greeted?.();
      return;
    }
    const reply = child(message, 'rpc-reply');
    if (reply === undefined || typeof reply === 'string') return;
    const id = reply['@message-id'];
    this.#waiting.get(typeof id === 'string' ? id : '')?.settle(reply);
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#greeted?.();
    for (const waiting of [...this.#waiting.values()]) waiting.fail(errors.NetconfClosed(this.#where, why));
  }
}
