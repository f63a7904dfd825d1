import type { Duplex } from 'node:stream';
import type { OpenLine } from './line.ts';

/** Makes a line of a connected stream. */
export function lineOf(stream: Duplex, via: string, data: (bytes: Buffer) => void, onClose = () => {}): OpenLine {
  let why = 'the other side closed it';
  const closed = new Promise<string>((resolve) => {
    stream.on('error', (error: Error) => {
      why = error.message;
    });
    stream.once('close', () => {
      onClose();
      resolve(why);
    });
  });
  stream.on('data', data);
  return {
    via,
    closed,
    write: (bytes) =>
      new Promise((resolve) => {
        if (stream.destroyed || !stream.writable) resolve();
        else stream.write(bytes, () => resolve());
      }),
    close() {
      why = 'closed';
      stream.destroy();
    },
  };
}
