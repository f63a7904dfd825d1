import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, request as plainRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request as tlsRequest } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { renewedTls, testTls } from '../http/tls-sample.ts';
import { createImage, DEFAULT_LIMITS } from '#image/index';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { openTestStore } from '#store/testing';
import { launch, scratch, seeded, up } from './ingot.ts';

// Who is answered where: the API, ramdisks, probes.

interface Answer {
  status: number;
  body: string;
  /** Of the certificate that answered. */
  fingerprint: string | undefined;
}

function ask(base: string, method: string, path: string, body?: object): Promise<Answer> {
  const url = new URL(path, base);
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const headers = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' };
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      const fingerprint = (response.socket as TLSSocket).getPeerCertificate?.().fingerprint256;
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, fingerprint }));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const RAMDISKS = [
  ['GET', '/v1/lookup?addresses=52:54:00:00:00:01', 404],
  ['POST', '/v1/heartbeat/1be26c0b-03f2-4d2e-ae87-c02d7f33c123', 404],
  ['POST', '/v1/continue_inspection', 400],
  ['POST', '/introspection/v1/continue', 400],
] as const;

test('what ramdisks call is answered at their own address, and nowhere else; nothing else is answered there', async () => {
  using place = scratch();
  const running = await up(await seeded(place), { args: ['--ramdisk-listen', '127.0.0.1:0'] });
  const [, own = ''] = await running.said(/Ramdisk +(http:\S+)/);

  for (const [method, path, status] of RAMDISKS) {
    const body = method === 'POST' ? { callback_url: 'https://10.0.0.1:9999', agent_token: 'x' } : undefined;
    const there = await ask(own, method, path, body);
    expect([path, there.status]).toEqual([path, status]);
    const here = await ask(running.url, method, path, body);
    expect([path, here.status]).toEqual([path, 404]);
    // Not "no such node": the main door knows no such URL.
    expect(here.body).not.toBe(there.body);
  }
  for (const path of ['/v1/nodes', '/v1/ports', '/healthcheck', '/metrics', '/docs/', '/events', '/identity/v3']) {
    expect([path, (await ask(own, 'GET', path)).status]).toEqual([path, 404]);
  }
  expect((await ask(own, 'POST', '/v1/nodes', { driver: 'fake-hardware' })).status).toBe(404);

  // Agents look here for the newest version they may speak, and for what there is.
  const root = JSON.parse((await ask(own, 'GET', '/')).body) as { default_version: { version: string } };
  expect(root.default_version.version).toBe('1.115');
  const resources = async (base: string) => Object.keys(JSON.parse((await ask(base, 'GET', '/v1')).body) as object);
  expect(await resources(own)).toEqual(
    expect.arrayContaining(['lookup', 'heartbeat', 'continue_inspection', 'version', 'id']),
  );
  expect(await resources(own)).not.toContain('nodes');
  expect(await resources(running.url)).toContain('nodes');
  expect(await resources(running.url)).not.toContain('lookup');
  expect((await running.stop()).code).toBe(0);
});

test('with a certificate the API speaks TLS only, and a renewed one is used without a restart', async () => {
  using place = scratch();
  const files = { cert: join(place.path, 'cert.pem'), key: join(place.path, 'key.pem') };
  writeFileSync(files.cert, testTls.cert);
  writeFileSync(files.key, testTls.key);
  const running = launch({
    args: ['up', '--data-dir', await seeded(place), '--listen', '127.0.0.1:0', '--auth', 'none'],
    env: {
      INGOT_API_TLS_CERT: files.cert,
      INGOT_API_TLS_KEY: files.key,
      INGOT_API_RAMDISK_LISTEN: '127.0.0.1:0',
      INGOT_API_RAMDISK_TLS_CERT: files.cert,
      INGOT_API_RAMDISK_TLS_KEY: files.key,
    },
    deadlineMs: 120_000,
  });
  const [, url = ''] = await running.said(/API +(https:\S+)/);
  const [, own = ''] = await running.said(/Ramdisk +(https:\S+)/);
  const before = await ask(url, 'GET', '/v1/nodes');
  expect(before.status).toBe(200);
  await expect(ask(url.replace('https:', 'http:'), 'GET', '/v1/nodes')).rejects.toThrow();

  // A key without its certificate: the old pair stays.
  writeFileSync(files.key, renewedTls.key);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect((await ask(url, 'GET', '/v1/nodes')).fingerprint).toBe(before.fingerprint);

  writeFileSync(files.cert, renewedTls.cert);
  for (const base of [url, own]) {
    await expect
      .poll(async () => (await ask(base, 'GET', '/v1')).fingerprint, { timeout: 20_000, interval: 100 })
      .not.toBe(before.fingerprint);
  }
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
}, 120_000);

test('half a certificate, or one that is none, is refused before anything is made', async () => {
  using place = scratch();
  const start = (env: Record<string, string>) =>
    launch({ args: ['up', '--data-dir', join(place.path, 'data'), '--listen', '127.0.0.1:0', '--auth', 'none'], env })
      .ended;
  const half = await start({ INGOT_API_TLS_CERT: '/x.pem' });
  expect(half.code).not.toBe(0);
  expect(half.stderr).toContain('api.tls_cert is set, and api.tls_key is not; TLS needs both');
  writeFileSync(join(place.path, 'no.pem'), 'hello');
  const wrong = await start({
    INGOT_API_TLS_CERT: join(place.path, 'no.pem'),
    INGOT_API_TLS_KEY: join(place.path, 'no.pem'),
  });
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toContain('are no certificate with its key');
}, 60_000);

test('a conductor without an API tells probes how it is', async () => {
  using place = scratch();
  const running = launch({
    args: ['up', '--data-dir', await seeded(place), '--role', 'conductor', '--status-listen', '127.0.0.1:0'],
    deadlineMs: 120_000,
  });
  const [, url = ''] = await running.said(/Status +(http:\S+)\/healthcheck/);
  const health = await ask(url, 'GET', '/healthcheck');
  expect([health.status, JSON.parse(health.body)]).toEqual([200, { ready: true, reasons: [] }]);
  expect((await ask(url, 'GET', '/metrics')).body).toContain('process_resident_memory_bytes');
  for (const path of ['/v1/nodes', '/', '/docs/', '/events']) {
    expect([path, (await ask(url, 'GET', path)).status]).toEqual([path, 404]);
  }
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
}, 120_000);

async function freePort(): Promise<number> {
  const one = createServer();
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const { port } = one.address() as AddressInfo;
  await new Promise((resolve) => one.close(resolve));
  return port;
}

test('a conductor without an API serves disks to machines at image.listen, and nothing else', async () => {
  using place = scratch();
  const database = await openTestStore();
  const own = `http://127.0.0.1:${await freePort()}`;
  const running = launch({
    args: [
      ...['up', '--data-dir', place.path, '--database-url', database.url, '--role', 'conductor'],
      ...['--image-listen', own.slice('http://'.length), '--status-listen', '127.0.0.1:0'],
    ],
    env: { INGOT_CONDUCTOR_HOST: 'here' },
    deadlineMs: 120_000,
  });
  // What another process of this host prepared for a machine, the conductor hands out.
  const image = createImage({
    store: database.store,
    clock: systemClock,
    log: silentLog,
    config: {
      dataDir: place.path,
      host: 'here',
      limits: DEFAULT_LIMITS,
      cacheBytes: 1024 ** 3,
      fileFolders: [place.path],
      allowedNetworks: [],
      glance: null,
      stallMs: 5_000,
      convertTimeoutMs: 60_000,
      maxUploads: 1,
      ticketMs: 60_000,
      serveUrl: () => own,
    },
  });
  try {
    await running.said(/Status +(http:\S+)\/healthcheck/);
    const disk = Buffer.concat([randomBytes(5_000_000), Buffer.alloc(3_000_000)]);
    writeFileSync(join(place.path, 'disk.raw'), disk);
    const ready = await image.service.prepare(
      { projectId: null, source: `file://${join(place.path, 'disk.raw')}` },
      { nodeUuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', signal: AbortSignal.timeout(60_000) },
    );
    const [raw = ''] = ready.urls;
    expect(raw.startsWith(`${own}/`)).toBe(true);
    const answer = await fetch(raw);
    expect(answer.status).toBe(200);
    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), disk)).toBe(0);
    const part = await fetch(raw, { headers: { range: 'bytes=4999998-5000001' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, disk.subarray(4_999_998, 5_000_002)]);
    expect((await fetch(ready.manifestUrl ?? '')).status).toBe(200);
    // Who has not the address has nothing: neither a guess, nor the API.
    expect((await fetch(raw.replace(/[A-Za-z0-9_-]{32}/, 'x'.repeat(32)))).status).toBe(404);
    for (const path of ['/v1/nodes', '/image/v2/images', '/healthcheck', '/metrics'])
      expect([path, (await ask(own, 'GET', path)).status]).toEqual([path, 404]);
  } finally {
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    await image.close();
    await database.close();
  }
}, 120_000);
