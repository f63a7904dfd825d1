import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { systemClock } from '../../../src/kernel/clock.ts';

/** Somebody else's image server, in the namespace of the rack. */
export const IMAGE_SERVER = 'http://127.0.0.1:8099';

const SLOW_PIECE = 256 * 1024;
const SLOW_PAUSE_MS = 250;

/** What is wrong with it, by the first folder of the path: `/cut/tiny.qcow2`. */
const ways: Readonly<Record<string, (file: string, size: number, response: ServerResponse) => Promise<void>>> = {
  /** The connection ends in the middle, each time at the same byte. */
  async cut(file, size, response) {
    response.writeHead(200, { 'content-length': size });
    for await (const part of createReadStream(file, { end: Math.floor(size / 2) })) response.write(part);
    response.destroy();
  },
  /** Ends in the middle as well, and is another file then. */
  async changed(file, size, response) {
    response.writeHead(200, {
      'content-length': size,
      etag: `"${systemClock.monotonic()}"`,
      'accept-ranges': 'bytes',
    });
    for await (const part of createReadStream(file, { end: Math.floor(size / 2) })) response.write(part);
    response.destroy();
  },
  async slow(file, size, response) {
    response.writeHead(200, { 'content-length': size });
    for await (const part of createReadStream(file, { highWaterMark: SLOW_PIECE })) {
      response.write(part);
      await systemClock.sleep(SLOW_PAUSE_MS);
    }
    response.end();
  },
};

/** Serves the files of a folder, badly. */
export function serveImages(folder: string): void {
  const { port, hostname } = new URL(IMAGE_SERVER);
  createServer((request, response) => {
    const [, way = '', name = ''] = (request.url ?? '').split('/');
    const file = join(folder, basename(name));
    const answer = async () => {
      const { size } = await stat(file);
      if (request.method === 'HEAD') response.writeHead(200, { 'content-length': size }).end();
      else await ways[way]?.(file, size, response);
    };
    answer().catch(() => response.destroy());
  }).listen(Number(port), hostname);
}
