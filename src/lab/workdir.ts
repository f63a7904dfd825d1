import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Short: paths of unix sockets end at 107 bytes. */
const PREFIX = 'il-';
const ALIVE = 'alive';

/** A lab's folder. A temporary one is removed at the end, or by the next lab when we were killed. */
export interface Workdir {
  dir: string;
  close(): Promise<void>;
}

/**
 * Opens `wanted`, which is kept, or a new temporary folder. A temporary one holds a socket that somebody
 * listens on while its lab lives; folders whose socket nobody answers are what killed labs left, and go.
 * (A process id would not do: labs live in process namespaces of their own.)
 */
export async function openWorkdir(wanted?: string): Promise<Workdir> {
  if (wanted !== undefined) {
    await mkdir(wanted, { recursive: true });
    return { dir: wanted, close: async () => {} };
  }
  await sweep();
  const dir = await mkdtemp(join(tmpdir(), PREFIX));
  const alive = await listen(join(dir, ALIVE));
  return {
    dir,
    close: async () => {
      alive.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = join(tmpdir(), name);
    if (await isLeft(join(dir, ALIVE))) await rm(dir, { recursive: true, force: true }).catch(() => {}); // another user's
  }
}

/** True when the socket is there and refuses; a folder without one is just being made. */
function isLeft(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}
