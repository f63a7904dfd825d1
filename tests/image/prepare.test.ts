import { createHash, randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/agent-api/manifest.ts';
import type { ImageProgress, ImageRequest } from '../../src/contracts/image.ts';
import { run } from '../../src/kernel/run.ts';
import { qcow2Header } from '../../src/image/model/testing.ts';
import { type ImageCloud, openImageCloud, webServer } from './cloud.ts';

const NODE = '11111111-1111-4111-8111-111111111111';
const MIB = 1024 * 1024;
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** 10 MiB with a hole of 5 in the middle. */
const DISK = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(5 * MIB), randomBytes(3 * MIB)]);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let cloud: ImageCloud;
let web: Awaited<ReturnType<typeof webServer>>;
let folder: string;
const pages = new Map<string, Answer>();
const asked: IncomingMessage[] = [];

beforeAll(async () => {
  folder = join('/tmp', `ingot-files-${process.pid}`);
  await mkdir(folder, { recursive: true });
  cloud = await openImageCloud({ fileFolders: [folder], stallMs: 1000 });
  web = await webServer((request, response) => {
    asked.push(request);
    const answer = pages.get(request.url?.split('?')[0] ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
}, 120_000);

afterAll(async () => {
  await web.close();
  await cloud.close();
  await run('rm', ['-rf', folder], { timeoutMs: 10_000 });
});

/** Serves bytes with an ETag and ranges, as web servers do. */
function page(path: string, data: Buffer, tag = `"${sha256(data).slice(0, 16)}"`): string {
  pages.set(path, (request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const [from, to] =
      range === null ? [0, data.length - 1] : [Number(range[1]), range[2] === '' ? data.length - 1 : Number(range[2])];
    const headers = { etag: tag, 'accept-ranges': 'bytes', 'content-length': String(to - from + 1) };
    if (range === null) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${data.length}` });
    response.end(data.subarray(from, to + 1));
  });
  return `${web.url}${path}`;
}

const prepare = (request: Partial<ImageRequest> & { source: string }, onProgress?: ImageProgress) =>
  cloud.image.service.prepare(
    { projectId: null, ...request },
    { nodeUuid: NODE, signal: AbortSignal.timeout(200_000), ...(onProgress === undefined ? {} : { onProgress }) },
  );
const raw = async (image: { urls: readonly string[] }) =>
  Buffer.from(await (await fetch(image.urls[0] ?? '')).arrayBuffer());

describe('images become raw disks', () => {
  it('raw, with its checksum, progress, manifest, blocks and ranges', async () => {
    const seen: number[] = [];
    const image = await prepare({ source: page('/disk.raw', DISK), checksum: `sha256:${sha256(DISK)}` }, ({ bytes }) =>
      seen.push(bytes),
    );
    expect(image).toMatchObject({ virtualBytes: DISK.length, hash: { algorithm: 'sha256', hex: sha256(DISK) } });
    expect(seen.at(-1)).toBe(DISK.length);
    expect((await raw(image)).equals(DISK)).toBe(true);
    const manifest = parseManifest(await (await fetch(image.manifestUrl)).json());
    expect(manifest.sha256).toBe(sha256(DISK));
    expect(manifest.blocks.map((hash) => hash === null)).toEqual([false, false, false]);
    const block = await fetch(new URL(`blocks/${manifest.blocks[2]}`, image.manifestUrl));
    expect(Buffer.from(await block.arrayBuffer()).equals(DISK.subarray(8 * MIB))).toBe(true);
    const part = await fetch(image.urls[0] ?? '', { headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(DISK.subarray(100, 200))).toBe(true);
    const head = await fetch(image.urls[0] ?? '', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(DISK.length));
    expect((await fetch(new URL(`blocks/${'0'.repeat(64)}`, image.manifestUrl))).status).toBe(404);
    expect((await fetch(image.manifestUrl.replace(/image-data\/.{32}/, `image-data/${'x'.repeat(32)}`))).status).toBe(
      404,
    );
  });

  it.each(['gzip', 'zstd', 'xz'] as const)('packed with %s', async (how) => {
    const file = join(folder, 'to-pack.raw');
    const packed =
      how === 'gzip'
        ? gzipSync(DISK)
        : how === 'zstd'
          ? zstdCompressSync(DISK)
          : await writeFile(file, DISK).then(async () => {
              await run('xz', ['-0', '-k', '-f', file], { timeoutMs: 60_000 });
              return readFile(`${file}.xz`);
            });
    const source = page(`/disk.${how}`, packed);
    expect(await cloud.image.service.examine({ source, projectId: null }, AbortSignal.timeout(60_000))).toEqual({
      format: 'raw',
      compression: how,
      sourceBytes: packed.length,
      virtualBytes: null,
    });
    const image = await prepare({ source, checksum: sha256(packed) });
    expect(image.hash.hex).toBe(sha256(DISK));
  });

  it.each(['zlib', 'zstd'])('qcow2 packed with %s, and qcow2 in a stream', async (type) => {
    const plain = join(folder, 'disk.raw');
    const made = join(folder, `disk-${type}.qcow2`);
    await writeFile(plain, DISK);
    await run(
      'qemu-img',
      ['convert', '-f', 'raw', '-O', 'qcow2', '-c', '-o', `compression_type=${type}`, plain, made],
      { timeoutMs: 60_000 },
    );
    const image = await prepare({ source: `file://${made}`, diskFormat: 'qcow2' });
    expect(image.hash.hex).toBe(sha256(DISK));
    const streamed = await prepare({ source: page(`/${type}.qcow2.zst`, zstdCompressSync(await readFile(made))) });
    expect(streamed.id).toBe(image.id);
  });

  it('a checksum file is read, and must name the image', async () => {
    page('/SHA256SUMS', Buffer.from(`${'0'.repeat(64)}  other\n${sha256(DISK)}  disk.raw\n`));
    const checksum = `${web.url}/SHA256SUMS`;
    expect((await prepare({ source: page('/disk.raw', DISK), checksum })).hash.hex).toBe(sha256(DISK));
    await expect(prepare({ source: page('/unnamed.raw', DISK), checksum })).rejects.toMatchObject({
      code: 'ImageChecksumUnknown',
    });
  });
});

describe('each once', () => {
  it('many who want it at once cause one download, in two processes as well', async () => {
    const other = await cloud.another();
    const data = randomBytes(5 * MIB);
    const source = page('/once.raw', data);
    asked.length = 0;
    const request = { source, projectId: null };
    const signal = AbortSignal.timeout(60_000);
    const all = await Promise.all(
      [cloud.image.service, other.service].flatMap((service) =>
        [1, 2, 3].map(() => service.prepare(request, { nodeUuid: NODE, signal })),
      ),
    );
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([sha256(data)]));
    expect(new Set(all.map(({ manifestUrl }) => manifestUrl)).size).toBe(6);
    expect(asked.filter(({ headers }) => headers.range === undefined)).toHaveLength(1);
    await prepare({ source });
    expect(asked.filter(({ headers }) => headers.range === undefined)).toHaveLength(1);
    page('/once.raw', DISK);
    expect((await prepare({ source })).id).toBe(sha256(DISK));
  });

  it('who gives up does not stop the others; when all did, nothing is left over', async () => {
    let open: ServerResponse | undefined;
    pages.set('/slow.raw', (request, response) => {
      if (request.headers.range !== undefined)
        response.writeHead(206, { etag: '"s"', 'content-range': 'bytes 0-0/1048576' }).end('x');
      else {
        response.writeHead(200, { etag: '"s"', 'content-length': String(MIB) });
        response.write(Buffer.alloc(70_000, 1));
        open = response;
      }
    });
    const leaving = new AbortController();
    const source = `${web.url}/slow.raw`;
    const first = cloud.image.service.prepare({ source, projectId: null }, { nodeUuid: NODE, signal: leaving.signal });
    const second = prepare({ source });
    while (open === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    open.end(Buffer.alloc(MIB - 70_000, 1));
    expect((await second).virtualBytes).toBe(MIB);
    expect((await run('ls', [join(cloud.dataDir, 'images', 'incoming')], { timeoutMs: 5000 })).stdout).toBe('');
  });
});

describe('bad days of a source', () => {
  it('a cut download goes on where it ended', async () => {
    const data = randomBytes(6 * MIB);
    let cuts = 0;
    page('/cut.raw', data);
    const whole = pages.get('/cut.raw') as Answer;
    pages.set('/cut.raw', (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? 'bytes=0-')?.[1] ?? Number.NaN);
      if (Number.isNaN(from) || cuts >= 3) return whole(request, response);
      cuts += 1;
      const headers = {
        etag: `"${sha256(data).slice(0, 16)}"`,
        'accept-ranges': 'bytes',
        'content-length': String(data.length - from),
      };
      response.writeHead(
        from === 0 ? 200 : 206,
        from === 0 ? headers : { ...headers, 'content-range': `bytes ${from}-${data.length - 1}/${data.length}` },
      );
      response.write(data.subarray(from, from + MIB), () => response.destroy());
    });
    expect((await prepare({ source: `${web.url}/cut.raw`, checksum: sha256(data) })).hash.hex).toBe(sha256(data));
    expect(cuts).toBe(3);
  });

  it('a source that changes in the middle, or says too much or too little, is an error', async () => {
    let turn = 0;
    pages.set('/changes.raw', (request, response) => {
      turn += 1;
      const headers = { etag: `"${turn}"`, 'accept-ranges': 'bytes', 'content-length': String(MIB) };
      response.writeHead(request.headers.range === undefined ? 200 : 206, {
        ...headers,
        ...(request.headers.range === undefined ? {} : { 'content-range': `bytes 0-0/${MIB}` }),
      });
      response.write(Buffer.alloc(1000), () => response.destroy());
    });
    await expect(prepare({ source: `${web.url}/changes.raw` })).rejects.toMatchObject({ code: 'ImageChanged' });
    pages.set('/short.raw', (_request, response) => {
      response.writeHead(200, { 'content-length': String(MIB) });
      response.write(Buffer.alloc(1000), () => response.destroy());
    });
    await expect(prepare({ source: `${web.url}/short.raw` })).rejects.toMatchObject({ code: 'ImageCut' });
    pages.set(
      '/stalls.raw',
      (_request, response) => void response.writeHead(200, { 'content-length': '4096' }).write('x'),
    );
    await expect(prepare({ source: `${web.url}/stalls.raw` })).rejects.toMatchObject({ code: 'ImageCut' });
  }, 60_000);

  it('one flipped byte is found before anything can be written, in every way an image comes in', async () => {
    const flipped = Buffer.from(DISK);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    const qcow = join(folder, 'flip.qcow2');
    await writeFile(join(folder, 'flip.raw'), DISK);
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'flip.raw'), qcow], {
      timeoutMs: 60_000,
    });
    const good = await readFile(qcow);
    const bad = Buffer.from(good);
    bad[good.length - 9] = (bad[good.length - 9] ?? 0) ^ 1;
    for (const [source, checksum] of [
      [page('/f1.raw', flipped), sha256(DISK)],
      [page('/f2.gz', gzipSync(flipped)), sha256(gzipSync(DISK))],
      [page('/f3.qcow2', bad), sha256(good)],
      [`file://${qcow}`, sha256(bad)],
    ] as const) {
      await expect(prepare({ source, checksum })).rejects.toMatchObject({ code: 'ImageChecksum' });
    }
    const rows = await cloud.store.query({
      text: 'select 1 from image_cache where content_id = $1',
      values: [sha256(flipped)],
    });
    expect(rows).toEqual([]);
  });
});

describe('hostile images', () => {
  it('never reach a tool, as files or over the net', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'S3CR3T');
    const backed = join(folder, 'backed.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', secret, '-F', 'raw', backed, '1M'], {
      timeoutMs: 60_000,
    });
    const external = join(folder, 'external.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data')}`, external, '1M'], {
      timeoutMs: 60_000,
    });
    const vmdk = join(folder, 'flat.vmdk');
    await writeFile(vmdk, `# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 1 FLAT "${secret}" 0\n`);
    const made: string[] = [backed, external, vmdk];
    for (const format of ['vmdk', 'vhdx', 'vdi', 'qed', 'parallels', 'vpc']) {
      const file = join(folder, `made.${format}`);
      await run(
        'qemu-img',
        ['create', '-q', '-f', format, ...(format === 'vpc' ? ['-o', 'subformat=dynamic'] : []), file, '4M'],
        { timeoutMs: 60_000 },
      );
      made.push(file);
    }
    for (const file of made) {
      const byNet = page(`/${file.split('/').at(-1)}`, await readFile(file));
      for (const source of [`file://${file}`, byNet]) {
        for (const diskFormat of ['auto', 'raw'] as const) {
          await expect(prepare({ source, diskFormat }), source).rejects.toMatchObject({ status: 422 });
          await expect(
            cloud.image.service.examine({ source, diskFormat, projectId: null }, AbortSignal.timeout(60_000)),
            source,
          ).rejects.toMatchObject({ status: 422 });
        }
      }
    }
  }, 120_000);

  it('bombs are refused while they grow', async () => {
    const bomb = page('/bomb.qcow2', qcow2Header({ size: 1n << 50n, l1: 4_000_000 }));
    await expect(prepare({ source: bomb })).rejects.toMatchObject({ code: 'ImageTooLarge' });
    const nested = page('/bomb.gz', gzipSync(gzipSync(Buffer.alloc(64 * MIB))));
    // The inner stream is what is in it: a raw disk of some kilobytes, never unpacked again.
    expect((await prepare({ source: nested })).virtualBytes).toBeLessThan(MIB);
    const small = await openImageCloud({
      limits: { maxSourceBytes: 8 * MIB, maxVirtualBytes: 32 * MIB, maxRatio: 100 },
    });
    try {
      const request = (source: string) =>
        small.image.service.prepare(
          { source, projectId: null },
          { nodeUuid: NODE, signal: AbortSignal.timeout(60_000) },
        );
      for (const [path, data] of [
        ['/z.gz', gzipSync(Buffer.alloc(64 * MIB))],
        ['/z.zst', zstdCompressSync(Buffer.alloc(64 * MIB))],
        ['/z.raw', Buffer.alloc(9 * MIB)],
      ] as const) {
        await expect(request(page(path, data)), path).rejects.toMatchObject({ code: 'ImageTooLarge' });
      }
    } finally {
      await small.close();
    }
  }, 120_000);
});

describe('file URLs', () => {
  it('lead only to plain files below the allowed folders', async () => {
    const inside = join(folder, 'inside.raw');
    await writeFile(inside, DISK);
    expect((await prepare({ source: `file://${inside}` })).hash.hex).toBe(sha256(DISK));
    await symlink('/etc/hostname', join(folder, 'link.raw'));
    await copyFile(inside, join(folder, 'twice.raw'));
    await link(join(folder, 'twice.raw'), join(folder, 'hard.raw'));
    await run('mkfifo', [join(folder, 'fifo')], { timeoutMs: 5000 });
    const name = folder.split('/').at(-1);
    const tricks = [
      ...[
        '/etc/hostname',
        `${folder}/../../etc/hostname`,
        `${folder}/%2e%2e/%2e%2e/etc/hostname`,
        `${folder}/..%2f..%2fetc/hostname`,
      ],
      ...[
        `${folder}/link.raw`,
        `${folder}/hard.raw`,
        `${folder}/fifo`,
        folder,
        `${folder}/`,
        '/dev/zero',
        '/proc/self/environ',
      ],
      ...[
        `/proc/self/root/etc/hostname`,
        `${folder}/absent`,
        `${folder}%00/x`,
        `/tmp/${name}x/../../etc/hostname`,
        '/proc/self/root/dev/zero',
      ],
    ];
    for (const path of tricks)
      await expect(prepare({ source: `file://${path}` }), path).rejects.toMatchObject({ code: 'ImageFileRefused' });
    await expect(prepare({ source: `file://host/${inside}` })).rejects.toMatchObject({ code: 'ImageFileRefused' });
    await expect(prepare({ source: 'gopher://x/y' })).rejects.toMatchObject({ code: 'ImageSourceUnknown' });
    await expect(prepare({ source: 'http://169.254.169.254/latest/meta-data' })).rejects.toMatchObject({
      code: 'OutboundAddress',
    });
  });

  it('a huge hole is a size like any other, and a redirect leads nowhere forbidden', async () => {
    const hole = join(folder, 'hole.raw');
    await writeFile(hole, '');
    await truncate(hole, 2 * 1024 ** 4);
    await expect(prepare({ source: `file://${hole}` })).rejects.toMatchObject({ code: 'ImageTooLarge' });
    const other = await webServer((_request, response) => response.end('secret'));
    pages.set('/away', (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());
    pages.set('/loop', (_request, response) => response.writeHead(302, { location: '/loop' }).end());
    pages.set('/file', (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await expect(prepare({ source: `${web.url}/away` })).rejects.toMatchObject({ code: 'OutboundAddress' });
    await expect(prepare({ source: `${web.url}/loop` })).rejects.toMatchObject({ code: 'OutboundRedirects' });
    await expect(prepare({ source: `${web.url}/file` })).rejects.toMatchObject({ code: 'OutboundScheme' });
    await other.close();
  });
});

describe('the cache', () => {
  it('throws out what was used longest ago, never what a machine may still fetch', async () => {
    const small = await openImageCloud({ cacheBytes: 12 * MIB });
    try {
      const request = (source: string) =>
        small.image.service.prepare(
          { source, projectId: null },
          { nodeUuid: NODE, signal: AbortSignal.timeout(60_000) },
        );
      const ids: string[] = [];
      for (const at of [0, 1, 2]) ids.push((await request(page(`/evict${at}.raw`, randomBytes(5 * MIB)))).id);
      const there = async () => (await run('ls', [join(small.dataDir, 'images', 'cache')], { timeoutMs: 5000 })).stdout;
      // All three have addresses that are still good.
      for (const id of ids) expect(await there()).toContain(`${id}.raw`);
      await small.store.query({
        text: "update image_tickets set expires_at = now() - interval '1 s' where content_id <> $1",
        values: [ids[0]],
      });
      await request(page('/evict3.raw', randomBytes(5 * MIB)));
      const after = await there();
      expect(after).toContain(`${ids[0]}.raw`);
      expect(after).not.toContain(`${ids[1]}.raw`);
      expect(after).not.toContain(`${ids[2]}.raw`);
    } finally {
      await small.close();
    }
  }, 60_000);
});
