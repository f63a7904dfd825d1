import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { Outbound } from '#protocols/outbound/outbound';
import { RemoteFiles } from './files.ts';

let folder: string;
let server: Server;
let base: string;
let content = 'the first kernel';
let asked = 0;
const outbound = new Outbound({ allowed: ['127.0.0.0/8'] });
const guarded = new Outbound({});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-remote-'));
  server = createServer((request, response) => {
    asked += 1;
    const tag = `"${content.length}"`;
    if (request.url === '/gone') return void response.writeHead(404).end();
    if (request.url === '/empty') return void response.end();
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 100 });
      return void response.write('short', () => response.destroy());
    }
    if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
    response.writeHead(200, { etag: tag }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await outbound.close();
  await guarded.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const files = (over: object = {}) =>
  new RemoteFiles({ folder, outbound, maxBytes: 64, clock: systemClock, log: silentLog, ...over });

test('is fetched once for all who ask, looked at again by the next process, and kept while its server is away', async () => {
  const one = files();
  const [a, b] = await Promise.all([one.at(`${base}/kernel`, 'kernel'), one.at(`${base}/kernel`, 'kernel')]);
  expect(a).toEqual(b);
  expect(asked).toBe(1);
  expect(await readFile(a.path, 'utf8')).toBe('the first kernel');
  await one.at(`${base}/kernel`, 'kernel');
  expect(asked).toBe(1);
  expect((await files().at(`${base}/kernel`, 'kernel')).path).toBe(a.path);
  expect(asked).toBe(2);
  content = 'the second, longer kernel';
  const changed = await files().at(`${base}/kernel`, 'kernel');
  expect(await readFile(changed.path, 'utf8')).toBe(content);
  // A machine that reads the first is not disturbed.
  expect(await readFile(a.path, 'utf8')).toBe('the first kernel');
  const away = new Outbound({ allowed: [] });
  expect((await files({ outbound: away }).at(`${base}/kernel`, 'kernel')).path).toBe(changed.path);
  await away.close();
});

test('says what is wrong: not there, cut, empty, too large, or an address that must not be asked', async () => {
  const at = (path: string, over: object = {}) => files(over).at(`${base}${path}`, 'initrd');
  await expect(at('/gone')).rejects.toThrow(/The initrd cannot be booted: .* answered 404/);
  await expect(at('/empty')).rejects.toThrow(/is empty/);
  await expect(at('/cut')).rejects.toMatchObject({ code: 'BootFile' });
  await expect(at('/large', { maxBytes: 4 })).rejects.toThrow(/larger than 4 bytes/);
  await expect(at('/other', { outbound: guarded })).rejects.toThrow(/this machine itself/);
});
