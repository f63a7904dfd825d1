import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection, type Server, type ServerChannel } from 'ssh2';
import type { Bmc } from '../bmc.ts';
import { hostKeyOf } from './host-key.ts';

/** What one types at the prompt to get to the machine's console, as with HPE's and Dell's BMCs. */
export const ENTRY_COMMAND = 'console';

/**
 * The BMC's SSH service: the machine's serial line, at once or behind a prompt. Everybody who is connected sees it,
 * and a restart of the BMC cuts them off.
 */
export class SshServer {
  readonly #bmc: Bmc;
  readonly #connections = new Set<Connection>();
  #server: Server;
  #port = 0;
  #keys = 0;

  private constructor(bmc: Bmc) {
    this.#bmc = bmc;
    this.#server = this.#make();
    bmc.onReboot(() => this.#cut());
  }

  /** Starts to listen; port 0 is any free one. */
  static async listen(bmc: Bmc, address: string, port: number): Promise<SshServer> {
    const server = new SshServer(bmc);
    await server.#listen(address, port);
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** People connected now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Shows another host key from now on, as after the BMC's board was replaced. */
  async replaceKey(): Promise<void> {
    const { address } = this.#bmc.network;
    await this.close();
    this.#keys++;
    this.#server = this.#make();
    await this.#listen(address, this.#port);
  }

  async close(): Promise<void> {
    this.#cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #listen(address: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, () => resolve());
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#bmc.network = { ...this.#bmc.network, sshPort: this.#port };
  }

  #make(): Server {
    const hostKeys = [hostKeyOf(this.#bmc.machine.spec.uuid, this.#keys)];
    return new ssh2.Server({ hostKeys }, (connection, { ip }) => this.#connected(connection, ip));
  }

  #cut(): void {
    for (const connection of this.#connections) connection.end();
    this.#connections.clear();
  }

  #connected(connection: Connection, address: string): void {
    connection.on('error', () => connection.end());
    const { dead } = this.#bmc.effects.link;
    if (this.#bmc.rebooting || dead === 'refuse') {
      connection.end();
      return;
    }
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    let user: string | null = null;
    connection.on('authentication', (context) => {
      user = this.#login(context);
    });
    connection.on('ready', () =>
      connection.on('session', (accept) => {
        const session = accept();
        session.on('pty', (accepted) => accepted());
        session.on('window-change', (accepted) => accepted?.());
        session.on('shell', (accepted) => {
          this.#bmc.ledger.add(this.#bmc.name, 'action', { channel: 'ssh', address, user }, 'ssh.console');
          this.#shell(accepted());
        });
      }),
    );
  }

  #login(context: AuthContext): string | null {
    const right = (password: string) => this.#bmc.accounts.check(context.username, password) !== undefined;
    if (context.method === 'password' && right(context.password)) {
      context.accept();
      return context.username;
    }
    context.reject(['password']);
    return null;
  }

  #shell(channel: ServerChannel): void {
    channel.on('error', () => channel.close());
    if (this.#bmc.machine.spec.ssh === 'direct') {
      this.#join(channel);
      return;
    }
    let typed = '';
    channel.write('lab-bmc> ');
    const onData = (bytes: Buffer) => {
      typed += bytes.toString('latin1');
      channel.write(bytes);
      const [line, ...rest] = typed.split(/\r/);
      if (rest.length === 0) return;
      typed = rest.join('\r');
      if (line === ENTRY_COMMAND) {
        channel.off('data', onData);
        channel.write('\r\n');
        this.#join(channel);
      } else channel.write(`\r\n${line}: unknown\r\nlab-bmc> `);
    };
    channel.on('data', onData);
  }

  #join(channel: ServerChannel): void {
    const { serial } = this.#bmc.machine;
    const stop = serial.onData((bytes) => channel.write(bytes));
    channel.on('data', (bytes: Buffer) => serial.toGuest(bytes));
    channel.once('close', stop);
  }
}
