import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from '#http/contract';
import { type ApiServer, createServer } from '#http/server';
import { createIdentity } from '#identity/index';
import { createHasher } from '#identity/passwords/hash';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { openSealer } from '#store/seal';
import { baremetalRules } from '#baremetal/api/policy';
import { type Cloud, openCloud } from './cloud.ts';

// Authentication headers as only a raw socket can send them: empty, repeated, several values in one.

const door: Door = {
  name: 'baremetal',
  prefix: '',
  routes: [
    { id: 'x', method: 'GET', path: '/v1/x', since: 0, policy: 'baremetal:node:list', summary: '', success: 200 },
  ],
  handlers: { x: () => ({ body: {} }) },
  errorBody: (error) => error,
};

describe('authentication headers', () => {
  let cloud: Cloud;
  let token: string;
  const ports: Record<string, number> = {};
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    cloud = await openCloud();
    token = await cloud.admin();
    const dataDir = await mkdtemp(join(tmpdir(), 'ingot-headers-'));
    const htpasswdFile = join(dataDir, 'htpasswd');
    await writeFile(htpasswdFile, `ann:${await createHasher().hash('secret')}\n`, { mode: 0o600 });
    closing.push(() => rm(dataDir, { recursive: true }));
    ports['keystone'] = await serve(cloud.identity.authoriser);
    const basic = await createIdentity({
      store: cloud.store,
      clock: systemClock,
      log: silentLog,
      sealer: await openSealer(cloud.store, cloud.dataDir, systemClock),
      rules: [baremetalRules],
      config: { strategy: 'http_basic', htpasswdFile, listening: [], publicUrl: 'http://x', dataDir },
    });
    closing.push(() => basic.close());
    ports['http_basic'] = await serve(basic.authoriser);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await cloud.close();
  });

  async function serve(authoriser: Cloud['identity']['authoriser']): Promise<number> {
    const metrics = createMetrics();
    const server: ApiServer = await createServer({ doors: [door], authoriser, log: silentLog, metrics });
    closing.push(async () => {
      await server.close(0);
      metrics.close();
    });
    return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
  }

  const status = (strategy: string, lines: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = connect(ports[strategy] ?? 0, '127.0.0.1');
      let text = '';
      socket.on('data', (part) => {
        text += String(part);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])));
      socket.write(['GET /v1/x HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'));
    });

  const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;

  it('that are one and right are accepted', async () => {
    expect(await status('keystone', [`X-Auth-Token: ${token}`])).toBe(200);
    expect(await status('http_basic', [basic('ann:secret')])).toBe(200);
  });

  it('that are empty, repeated, several in one, or of another kind are not', async () => {
    const good = `X-Auth-Token: ${token}`;
    for (const lines of [
      [],
      ['X-Auth-Token:'],
      ['X-Auth-Token: '],
      [good, good],
      [good, 'X-Auth-Token:'],
      ['X-Auth-Token: x', good],
      [`X-Auth-Token: ${token}, ${token}`],
      [`X-Auth-Token: ${token} ${token}`],
      [`X-Subject-Token: ${token}`],
      [`X-Service-Token: ${token}`],
      [`Authorization: Bearer ${token}`],
      [basic('admin:correct horse battery')],
      ['X-Identity-Status: Confirmed', 'X-Roles: admin', 'X-User-Id: admin', 'OpenStack-System-Scope: all'],
    ]) {
      expect([lines, await status('keystone', lines)]).toEqual([lines, 401]);
    }
    const right = basic('ann:secret');
    for (const lines of [
      [],
      ['Authorization:'],
      ['Authorization: Basic'],
      [right, right],
      [right, basic('ann:wrong')],
      [basic('ann:wrong'), right],
      [`${right}, ${right.slice('Authorization: '.length)}`],
      [`X-Auth-Token: ${token}`],
      ['X-Remote-User: ann'],
    ]) {
      expect([lines, await status('http_basic', lines)]).toEqual([lines, 401]);
    }
  });
});
