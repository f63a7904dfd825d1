import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '#platform/log';
import { piecesOf, rangeOf, sizeOf } from './body.ts';
import type { Answer, Answers } from './answers.ts';

/** Called when a file was asked for and sent, or not: `bytes` that went out. */
export type Told = (seen: {
  answer: Answer | null;
  path: string;
  verb: string;
  address: string;
  bytes: number;
  whole: boolean;
}) => void;

export interface ListenerOptions {
  host: string;
  port: number;
  answers: Answers;
  /** For BMCs: media only. */
  mediaOnly: boolean;
  told: Told;
  log: Log;
}

/** A room of machines that boot at once, and BMCs that read in parts. */
const MAX_CONNECTIONS = 4000;

/** Opens the door for firmware and loaders: GET and HEAD of known paths, nothing else. Rejects when it cannot. */
export async function openListener(options: ListenerOptions): Promise<Server> {
  const server = createServer(
    { headersTimeout: 15_000, requestTimeout: 20_000, keepAliveTimeout: 30_000 },
    (request, response) => {
      answer(request, response, options).catch((error: unknown) => {
        options.log.warn({ err: error }, 'a boot file could not be sent');
        if (response.headersSent) response.destroy();
        else plain(response, 503);
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const verb = request.method ?? '';
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (verb !== 'GET' && verb !== 'HEAD') {
    plain(response, 405);
    return;
  }
  const found = await options.answers.at(path, options.mediaOnly);
  const tell = (bytes: number, whole: boolean) =>
    options.told({ answer: found, path: path.slice(0, 200), verb, address, bytes, whole });
  if (found === null) {
    plain(response, 404);
    tell(0, true);
    return;
  }
  const size = sizeOf(found.body);
  const range = rangeOf(request.headers.range, size);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-type', found.type);
  response.setHeader('cache-control', 'no-store');
  if (range === 'none') {
    response.setHeader('content-range', `bytes */${size}`);
    plain(response, 416);
    return;
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== null) response.setHeader('content-range', `bytes ${start}-${end - 1}/${size}`);
  response.setHeader('content-length', end - start);
  response.statusCode = range === null ? 200 : 206;
  if (verb === 'HEAD') {
    response.end();
    tell(0, true);
    return;
  }
  let sent = 0;
  try {
    await pipeline(
      Readable.from(
        (async function* () {
          for await (const piece of piecesOf(found.body, start, end)) {
            sent += piece.length;
            yield piece;
          }
        })(),
      ),
      response,
    );
  } catch {
    // the machine went away: how far it came is what matters
  }
  tell(sent, sent === end - start);
}

function plain(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.setHeader('content-length', 0);
  response.end();
}
