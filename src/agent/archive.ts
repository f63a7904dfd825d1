import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const BLOCK = 512;

/** A tar archive (ustar) of small files, gzip. Names longer than 100 characters are cut. */
export async function tarGz(files: ReadonlyMap<string, Buffer>, seconds: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const [name, content] of files) {
    parts.push(
      header(name, content.length, seconds),
      content,
      Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
    );
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return await promisify(gzip)(Buffer.concat(parts));
}

function header(name: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number, at: number) =>
    block.write(
      `${Math.floor(value)
        .toString(8)
        .padStart(width - 1, '0')}\0`,
      at,
      'latin1',
    );
  block.write(name.slice(-100), 0, 'utf8');
  octal(0o644, 8, 100);
  octal(0, 8, 108);
  octal(0, 8, 116);
  octal(size, 12, 124);
  octal(seconds, 12, 136);
  block.write('        0', 148, 'latin1'); // checksum as blanks, then the type of a file
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
