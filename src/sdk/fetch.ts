import { readFile } from 'node:fs/promises';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Whom to trust. */
export interface Trust {
  /** File of certificates, PEM. */
  caFile?: string | undefined;
  /** false: any certificate is taken. */
  verify?: boolean | undefined;
}

/** Opens a WebSocket; `protocols` are offered to the server. */
export type OpenSocket = (url: string, protocols: readonly string[]) => WebSocket;

/** The same for WebSockets. */
export async function socketFor({ caFile, verify }: Trust): Promise<OpenSocket> {
  if (caFile === undefined && verify !== false) return (url, protocols) => new WebSocket(url, [...protocols]);
  const { Agent, WebSocket: OwnSocket } = await import('undici');
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  const dispatcher = new Agent({ connect: { ...ca, rejectUnauthorized: verify !== false } });
  return (url, protocols) => new OwnSocket(url, { protocols: [...protocols], dispatcher }) as unknown as WebSocket;
}

/** The `fetch` for these servers. Node's own; a client with its own certificates is loaded only where one is asked for. */
export async function fetchFor({ caFile, verify }: Trust): Promise<Fetch> {
  if (caFile === undefined && verify !== false) return (url, init) => fetch(url, init);
  const { Agent, fetch: ownFetch } = await import('undici');
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  const dispatcher = new Agent({ connect: { ...ca, rejectUnauthorized: verify !== false } });
  // Two copies of the same types: Node's own, and the package's.
  return (url, init) => ownFetch(url, { ...(init as object), dispatcher }) as unknown as Promise<Response>;
}
