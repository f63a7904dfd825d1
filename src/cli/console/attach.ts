import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { Client } from '#sdk/client';
import { console as operations } from '#sdk/generated/console';
import { ESCAPE_HELP, type Escape, EscapeParser } from './escapes.ts';

/** A terminal, as far as this needs one. */
export interface TerminalIo {
  input: NodeJS.ReadStream;
  write(bytes: Uint8Array | string): void;
  /** For the person, beside what the machine says. */
  tell(text: string): void;
}

interface Said {
  type: string;
  text?: string;
  you?: boolean;
  by?: string | null;
  mode?: string;
}

/**
 * Connects this terminal to a machine's console until either ends it. Gives the reason. Throws what asking for the
 * session throws.
 */
export async function attach(client: Client, node: string, readOnly: boolean, io: TerminalIo): Promise<string> {
  const mode = readOnly ? 'read' : 'write';
  const { session } = await client.operations.call(operations.consoleSessionCreate, {
    params: { node_ident: node },
    body: { mode },
  });
  // The address we were given to the API is the one that works from here, whatever the server thinks.
  const endpoint = new URL(await client.operations.endpoint());
  const url = new URL(session.url);
  url.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  url.host = endpoint.host;
  const socket = client.socket(url.href, ['ingot.console.v1', `ingot.token.${session.token}`]);
  socket.binaryType = 'arraybuffer';
  let why = 'the connection was lost';
  let opened = false;
  const over = new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => {
      if (!opened) reject(new IngotError('ConsoleLost', 502, `${url.host} does not open the console's connection.`));
    });
    socket.addEventListener('close', ({ reason }) => {
      if (reason !== '') why = reason;
      resolve();
    });
  });
  socket.addEventListener('message', (event) => {
    const data = event.data as string | ArrayBuffer;
    opened = true;
    if (typeof data !== 'string') io.write(new Uint8Array(data));
    else told(JSON.parse(data) as Said, io);
  });
  const parser = new EscapeParser();
  const act = (escape: Escape) => {
    switch (escape) {
      case 'quit':
        why = 'closed';
        socket.close(1000, 'closed');
        return;
      case 'help':
        io.tell(ESCAPE_HELP.join('\r\n'));
        return;
      case 'break':
      case 'take':
      case 'release':
        socket.send(JSON.stringify({ type: escape }));
    }
  };
  const typed = (bytes: Buffer) => {
    for (const part of parser.push(bytes)) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (Buffer.isBuffer(part)) socket.send(new Uint8Array(part));
      else act(part);
    }
  };
  const leave = () => act('quit');
  const { input } = io;
  if (input.isTTY) input.setRawMode(true);
  input.on('data', typed);
  // A pipe that ended has nothing more to type; what the machine answers is still shown for a moment.
  const ended = () => void systemClock.after(500, leave);
  input.once('end', ended);
  process.once('SIGTERM', leave);
  try {
    await over;
    return why;
  } finally {
    process.off('SIGTERM', leave);
    input.off('data', typed);
    input.off('end', ended);
    if (input.isTTY) input.setRawMode(false);
    input.pause();
  }
}

function told(said: Said, io: TerminalIo): void {
  switch (said.type) {
    case 'hello':
      io.tell(said.mode === 'read' ? 'connected to watch; ~. leaves' : 'connected; ~. leaves, ~? helps');
      return;
    case 'writer':
      if (said.you !== true && said.by !== null && said.by !== undefined) io.tell(`${said.by} writes; ~t takes over`);
      return;
    case 'notice':
      io.tell(said.text ?? '');
      return;
    default:
  }
}
