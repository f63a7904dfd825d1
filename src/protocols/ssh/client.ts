import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Secret } from '#kernel/secret';
import { errors } from './errors.ts';

export interface SshOptions {
  host: string;
  port: number;
  username: string;
  password: Secret | null;
  /** OpenSSH or PEM. */
  privateKey: Secret | null;
  /** `SHA256:…` it must show; null: any, and the caller keeps `hostKey`. */
  hostKey: string | null;
  clock: Clock;
  /** Milliseconds to connect and log in. */
  connectMs: number;
}

/** What network gear of the last fifteen years speaks beside the algorithms of today, tried last. */
const OLD = {
  kex: { append: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'], prepend: [], remove: [] },
  serverHostKey: { append: ['ssh-rsa'], prepend: [], remove: [] },
} satisfies ssh2.Algorithms;

/** A login on an SSH server. */
export class SshConnection {
  /** `SHA256:…` of the key the server showed. */
  readonly hostKey: string;
  readonly where: string;
  readonly #client: ssh2.Client;
  #closed: string | undefined;
  readonly #onClose = new Set<(why: string) => void>();

  private constructor(client: ssh2.Client, hostKey: string, where: string) {
    this.#client = client;
    this.hostKey = hostKey;
    this.where = where;
    client.on('close', () => this.#ended('the other side closed it'));
    client.on('error', (error) => this.#ended(messageOf(error)));
  }

  /** Throws `SshUnreachable`, `SshLogin`, `SshOtherKey` (before a password is sent). */
  static async open(options: SshOptions, signal: AbortSignal): Promise<SshConnection> {
    const { host, port, username, password, privateKey, clock, connectMs } = options;
    const where = `${host}:${port}`;
    signal.throwIfAborted();
    const client = new ssh2.Client();
    let shown = '';
    try {
      await new Promise<void>((resolve, reject) => {
        const cancel = clock.after(connectMs, () =>
          reject(errors.SshUnreachable(where, `no login in ${connectMs} ms`)),
        );
        const done = (settle: () => void) => {
          cancel();
          signal.removeEventListener('abort', aborted);
          settle();
        };
        const aborted = () => done(() => reject(signal.reason as Error));
        signal.addEventListener('abort', aborted, { once: true });
        client.once('ready', () => {
          // A command line is small packets both ways: nothing waits to be filled up.
          client.setNoDelay(true);
          done(resolve);
        });
        client.once('close', () => done(() => reject(errors.SshUnreachable(where, 'it closed the connection'))));
        client.on('error', (error: Error & { level?: string }) => {
          const other = options.hostKey !== null && shown !== '' && shown !== options.hostKey;
          const said =
            error.level === 'client-authentication'
              ? errors.SshLogin(where)
              : errors.SshUnreachable(where, error.message, { cause: error });
          done(() => reject(other ? errors.SshOtherKey(where, shown) : said));
        });
        client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) =>
          answer(prompts.map(() => password?.reveal() ?? '')),
        );
        client.connect({
          host,
          port,
          username,
          ...(password === null ? {} : { password: password.reveal(), tryKeyboard: true }),
          ...(privateKey === null ? {} : { privateKey: privateKey.reveal() }),
          algorithms: OLD,
          readyTimeout: connectMs,
          keepaliveInterval: 10_000,
          keepaliveCountMax: 3,
          hostVerifier: (key: Buffer) => {
            shown = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
            return options.hostKey === null || shown === options.hostKey;
          },
        });
      });
    } catch (error) {
      client.destroy();
      if (error instanceof IngotError || signal.aborted) throw error;
      throw errors.SshUnreachable(where, messageOf(error), { cause: error });
    }
    client.removeAllListeners('close');
    return new SshConnection(client, shown, where);
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Calls `fn` when the connection ends, at once when it has. */
  onClose(fn: (why: string) => void): void {
    if (this.#closed !== undefined) fn(this.#closed);
    else this.#onClose.add(fn);
  }

  /** A terminal, wide enough that no line is folded. Throws `SshClosed`. */
  shell(): Promise<Duplex> {
    return this.#channel((done) => this.#client.shell({ term: 'dumb', cols: 511, rows: 1000 }, done));
  }

  /** A subsystem, such as `netconf`. Throws `SshClosed`. */
  subsystem(name: string): Promise<Duplex> {
    return this.#channel((done) => this.#client.subsys(name, done));
  }

  close(): void {
    this.#ended('closed by us');
    this.#client.end();
    this.#client.destroy();
  }

  #channel(open: (done: (error: Error | undefined, channel: ssh2.ClientChannel) => void) => void): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string) => reject(errors.SshClosed(this.where, why));
      if (this.#closed !== undefined) {
        refuse(this.#closed);
        return;
      }
      this.#onClose.add(refuse);
      try {
        open((error, channel) => {
          this.#onClose.delete(refuse);
          if (error === undefined) resolve(channel);
          else refuse(error.message);
        });
      } catch (error) {
        refuse(messageOf(error));
      }
    });
  }

  #ended(why: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    for (const fn of this.#onClose) fn(why);
    this.#onClose.clear();
  }
}
