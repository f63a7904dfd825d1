import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { errors } from './errors.ts';

/** Where a database server listens. */
export type Remote =
  | { kind: 'tcp' | 'ssl'; host: string; port: number; text: string }
  | { kind: 'unix'; path: string; text: string };

/** Keys for `ssl:` remotes, PEM. Servers of OVSDB are known by the CA alone: their certificates name no host. */
export interface TlsKeys {
  ca: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
}

/** Reads `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:PATH`; several with commas between. Throws `OvsdbBadRemote`. */
export function parseRemotes(text: string): Remote[] {
  return text.split(',').map((part) => parseRemote(part.trim()));
}

function parseRemote(text: string): Remote {
  const unix = /^unix:(\/.+)$/.exec(text);
  if (unix?.[1] !== undefined) return { kind: 'unix', path: unix[1], text };
  const net = /^(tcp|ssl):(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(net?.[3]);
  if (net?.[2] === undefined || port < 1 || port > 65_535) throw errors.OvsdbBadRemote(text);
  return { kind: net[1] as 'tcp' | 'ssl', host: net[2].replace(/^\[|\]$/g, ''), port, text };
}

/** Opens a socket; the callback comes once it can be written to. Errors come as the socket's. */
export function openSocket(remote: Remote, tls: TlsKeys | undefined, onOpen: () => void): Socket {
  switch (remote.kind) {
    case 'unix':
      return connectTcp(remote.path, onOpen);
    case 'tcp':
      return connectTcp(remote.port, remote.host, onOpen).setNoDelay(true);
    case 'ssl': {
      const socket = connectTls(
        { host: remote.host, port: remote.port, ...tls, minVersion: 'TLSv1.2', checkServerIdentity: () => undefined },
        onOpen,
      );
      socket.setNoDelay(true);
      return socket;
    }
  }
}
