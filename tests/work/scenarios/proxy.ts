import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a process and its database, and can be cut. */
export interface Proxy {
  url: string;
  /** Connections break and none is taken. */
  cut(): void;
  /** Connections stay, but nothing passes: a network that went dark. */
  silence(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function openProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const folder = target.searchParams.get('host');
  const port = Number(target.port || '5432');
  const sockets = new Set<Socket>();
  let mode: 'open' | 'cut' | 'silent' = 'open';
  const server = createServer((client) => {
    if (mode === 'cut') return void client.destroy();
    const server_ = folder === null ? connect(port, target.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
    for (const [from, to] of [
      [client, server_],
      [server_, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (data) => {
        if (mode === 'silent') from.pause();
        to.write(data);
      });
    }
    if (mode === 'silent') client.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut() {
      mode = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    silence() {
      mode = 'silent';
      for (const socket of sockets) socket.pause();
    },
    restore() {
      mode = 'open';
      for (const socket of sockets) socket.resume();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
