import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { type Clock, systemClock } from '#kernel/clock';
import { LabSwitchDevice } from '../device.ts';
import { type Dialect, Refused, type Terminal } from './dialect.ts';
import { newHostKey } from './host-key.ts';

export interface SshSwitchOptions {
  dialect: Dialect;
  ports?: number;
  /** Where it listens; default any. */
  port?: number;
  username?: string;
  password?: string;
  clock?: Clock;
}

/** The socket below, which ssh2 does not name. */
const socketOf = (connection: Connection): Socket => (connection as unknown as { _sock: Socket })._sock;

/** A switch with a command line over SSH, on 127.0.0.1. It holds a configuration and forwards nothing. */
export class EmulatedSshSwitch {
  readonly device: LabSwitchDevice;
  readonly dialect: Dialect;
  readonly #server: ssh2.Server;
  readonly #clock: Clock;
  readonly #connections = new Set<Connection>();
  #hostKey: string;
  port = 0;

  private constructor(options: SshSwitchOptions) {
    this.#clock = options.clock ?? systemClock;
    this.dialect = options.dialect;
    this.device = new LabSwitchDevice(options.dialect.fresh(options.ports ?? 8), this.#clock);
    this.#hostKey = newHostKey();
    const { username = 'admin', password = 'switch' } = options;
    this.#server = new ssh2.Server({ hostKeys: [this.#hostKey] }, (connection) => {
      this.#connections.add(connection);
      connection.on('close', () => this.#connections.delete(connection));
      connection.on('error', () => {});
      socketOf(connection).setNoDelay(true);
      connection.on('authentication', (context) => {
        if (context.method === 'password' && context.username === username && context.password === password) {
          context.accept();
        } else context.reject(['password']);
      });
      connection.on('ready', () => this.#serve(connection));
    });
  }

  static async start(options: SshSwitchOptions): Promise<EmulatedSshSwitch> {
    const made = new EmulatedSshSwitch(options);
    await new Promise<void>((resolve) => made.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    made.port = (made.#server.address() as AddressInfo).port;
    return made;
  }

  /** `SHA256:…` as OpenSSH shows it. */
  get fingerprint(): string {
    const key = ssh2.utils.parseKey(this.#hostKey);
    if (key instanceof Error) throw key;
    return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
  }

  async stop(): Promise<void> {
    this.device.cutAll();
    for (const connection of this.#connections) connection.end();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(connection: Connection): void {
    const left = this.device.enter(() => {
      // As when the cable is pulled: nothing more is said.
      socketOf(connection).destroy();
    });
    if (left === undefined) {
      connection.end();
      return;
    }
    connection.on('close', left);
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (ok) => ok?.());
      session.on('window-change', (ok) => ok?.());
      session.on('shell', (ok) => this.#shell(ok(), connection));
    });
  }

  #shell(channel: ServerChannel, connection: Connection): void {
    const { device, dialect } = this;
    const terminal: Terminal = { device, mode: 'exec', config: device.running, enabled: false, asks: undefined };
    const say = (text: string) => channel.write(text.replaceAll('\n', '\r\n'));
    say(`${dialect.banner}${dialect.prompt(terminal)}`);
    let typed = '';
    let working: Promise<void> = Promise.resolve();
    channel.on('error', () => {});
    channel.on('data', (bytes: Buffer) => {
      typed += bytes.toString('latin1');
      for (;;) {
        const end = /\r\n|\r|\n/.exec(typed);
        if (end === null) return;
        const line = typed.slice(0, end.index);
        typed = typed.slice(end.index + end[0].length);
        working = working.then(() => this.#line(terminal, line, say, connection));
      }
    });
  }

  async #line(terminal: Terminal, line: string, say: (text: string) => void, connection: Connection): Promise<void> {
    const { device, dialect } = this;
    if (device.faults.slowMs > 0) await this.#clock.sleep(device.faults.slowMs);
    let cut = false;
    const { asks } = terminal;
    let answer: string;
    if (asks !== undefined) {
      terminal.asks = undefined;
      answer = `\n${asks(line)}`;
    } else {
      device.said.push(line);
      try {
        answer = dialect.run(terminal, line.trim(), () => {
          cut ||= device.wrote();
        });
      } catch (error) {
        if (!(error instanceof Refused || error instanceof RangeError)) throw error;
        answer = `${error.message}\n`;
      }
      answer = `${line}\n${answer}`;
    }
    if (cut) {
      device.cutAll();
      return;
    }
    if (terminal.mode === 'gone') {
      connection.end();
      return;
    }
    say(terminal.asks === undefined ? `${answer}${dialect.prompt(terminal)}` : answer);
  }
}
