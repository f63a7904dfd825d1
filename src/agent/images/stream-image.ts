import type { ImageInfo, WrittenImage } from '#agent-api/image-info';
import type { Run } from '../commands/command.ts';
import { isYes } from '../commands/parameters.ts';
import { errors } from '../errors.ts';
import type { Trust } from '../http/request.ts';
import { expectedHash, hashOf, mustMatch, tap } from './checksum.ts';
import { convertQcow2, save } from './convert.ts';
import { decode, peek } from './decode.ts';
import { authorizationOf, download, type DownloadOptions } from './download.ts';
import { checkFormat, checkQcow2 } from './formats.ts';
import { eraseEnds, SequentialWriter } from './writer.ts';

/** What an image's write gives, before anybody looked for file systems in it. */
export type Streamed = Pick<WrittenImage, 'bytes' | 'zero_bytes' | 'sha256'>;

const PERMITTED = ['raw', 'qcow2', 'iso'];

/** How an image's servers are reached. */
export function downloadOptions(info: ImageInfo, run: Run, trust: Trust): DownloadOptions {
  return {
    trust: info.source_ca === undefined ? trust : { ...trust, ca: info.source_ca },
    clock: run.clock,
    signal: run.signal,
    authorization: authorizationOf(info),
  };
}

/**
 * Writes an image from its URLs to a device (a disk or a partition): raw streams go straight to it, compressed ones
 * are unpacked on the way, qcow2 is saved in memory, looked at, then converted. The hash of the served bytes, and
 * of the raw ones when given, is checked; until then the head of the device stays empty. Throws `ImageRefused`,
 * `ImageUnavailable`, `ImageChanged`, `ChecksumMismatch`, `DeviceTooSmall`.
 */
export async function streamImage(info: ImageInfo, device: string, run: Run, trust: Trust): Promise<Streamed> {
  const { machine } = run;
  const config = run.config();
  let served: number | null = null;
  const options = downloadOptions(info, run, trust);
  const expected = await expectedHash(info, isYes(config['agent_md5_checksum_enable']), options);
  const source = download(info.urls, { ...options, onSize: (bytes) => (served = bytes) });
  const hash = expected === null ? null : hashOf(expected);
  const counter = { bytes: 0 };
  const decoded = await decode(count(hash === null ? source : tap(source, hash), counter), machine);
  const { head, all } = await peek(decoded.bytes);
  const permitted = config['permitted_image_formats'];
  const format = checkFormat(
    head,
    decoded.compression === 'none' ? info.disk_format : undefined,
    Array.isArray(permitted) && permitted.length > 0 ? [...(permitted as string[]), 'iso'] : PERMITTED,
  );
  const verify = (raw: string | null) => {
    if (hash !== null && expected !== null) mustMatch(`The image ${info.id}`, expected, hash.digest('hex'));
    if (info.raw_sha256 !== undefined && raw !== null) {
      mustMatch(`The raw image ${info.id}`, { algorithm: 'sha256', value: info.raw_sha256 }, raw);
    }
  };
  const told = (phase: 'fetch' | 'write', bytes: number, total: number | null, zero_bytes = 0) =>
    run.progress({ phase, what: device, bytes, total, zero_bytes });
  if (format === 'qcow2') {
    checkQcow2(head);
    const saved = await save(all, machine, info.id, (bytes) => told('fetch', bytes, served));
    try {
      verify(null);
      told('write', 0, null);
      const target = await machine.open(device, 'write');
      let virtual: number;
      try {
        await eraseEnds(target);
        virtual = await convertQcow2(saved, device, target.size, machine);
        await target.sync();
      } finally {
        await target.close();
      }
      told('write', virtual, virtual);
      return { bytes: virtual, zero_bytes: 0, sha256: null };
    } finally {
      await saved.remove();
    }
  }
  const target = await machine.open(device, 'write');
  try {
    const total = () => info.virtual_bytes ?? (decoded.compression === 'none' ? served : null);
    const size = total();
    if (size !== null && size > target.size) throw errors.DeviceTooSmall(device, target.size, size);
    await eraseEnds(target);
    const writer = new SequentialWriter(target, {
      ...(info.raw_sha256 === undefined ? {} : { hash: 'sha256' }),
      onBytes: (bytes, zeroes) => {
        // Unpacked sizes are not known before the end: what was read of the source stands for it.
        const guessed =
          total() ?? (served === null || counter.bytes === 0 ? null : Math.round((bytes / counter.bytes) * served));
        told('write', bytes, guessed, zeroes);
      },
    });
    for await (const part of all) await writer.take(part);
    const raw = await writer.settle();
    verify(raw);
    await writer.finish();
    told('write', writer.bytes, writer.bytes, writer.zeroBytes);
    return { bytes: writer.bytes, zero_bytes: writer.zeroBytes, sha256: raw };
  } finally {
    await target.close();
  }
}

async function* count(source: AsyncIterable<Buffer>, counter: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const part of source) {
    counter.bytes += part.length;
    yield part;
  }
}
