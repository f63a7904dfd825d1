import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { errors } from './errors.ts';

/** Sockets made here and served inside a namespace: they stay reachable from here. */
export class Doors {
  readonly #servers: Server[] = [];
  readonly #sockets: UdpSocket[] = [];
  readonly fds: number[] = [];
  lastPort = 0;

  /** Gives the descriptor the child will find. */
  async tcp(address: string, port: number): Promise<number> {
    const server = createServer();
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, resolve);
    });
    const where = server.address();
    this.lastPort = typeof where === 'object' && where !== null ? where.port : 0;
    return this.#pass(server);
  }

  async udp(address: string, port: number): Promise<number> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, resolve);
    });
    this.lastPort = socket.address().port;
    return this.#pass(socket);
  }

  close(): void {
    for (const server of this.#servers.splice(0)) server.close();
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  /** Node has no public way to a socket's descriptor; this one has been there for all its life. */
  #pass(owner: Server | UdpSocket): number {
    const holder = owner as unknown as { _handle?: { fd?: number } } & Record<
      symbol,
      { handle?: { fd?: number } } | undefined
    >;
    const state = Object.getOwnPropertySymbols(owner).find((s) => s.description === 'state symbol');
    const fd = state === undefined ? holder._handle?.fd : holder[state]?.handle?.fd;
    if (fd === undefined || fd < 0) throw errors.LabSwitch('this Node gives no descriptor of a socket');
    this.fds.push(fd);
    return 2 + this.fds.length;
  }
}
