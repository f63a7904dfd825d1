import { request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuditFacts } from '#http/contract';
import type { ApiServer } from '#http/server';
import { systemClock } from '#kernel/clock';
import { createLog } from '#platform/log';
import { RawClient } from './raw-client.ts';
import { sampleDoor, sampleServer } from './sample.ts';
import { testTls } from './tls-sample.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close(500);
});
const admin = { 'x-auth-token': 'admin' };

describe('audit', () => {
  it('has each change before the client hears of it, refused ones too, reads not', async () => {
    const facts: AuditFacts[] = [];
    let stored = false;
    server = await sampleServer({
      audit: {
        async record(fact) {
          facts.push(fact);
          await systemClock.sleep(20);
          stored = true;
        },
      },
    });
    const reply = await server.inject({
      method: 'POST',
      url: '/v1/things',
      headers: { ...admin, 'user-agent': 'ua' },
      body: { driver: 'd' },
    });
    expect(reply.status).toBe(201);
    expect(stored).toBe(true);
    await server.inject({ method: 'DELETE', url: '/v1/things/x?bogus=1', headers: admin });
    await server.inject({ method: 'DELETE', url: '/v1/things/y' });
    await server.inject({ method: 'GET', url: '/v1/things', headers: admin });
    await server.inject({ method: 'POST', url: '/v1/nowhere', headers: admin });
    expect(facts).toMatchObject([
      {
        route: 'thing.create',
        service: 'sample',
        status: 201,
        error: null,
        userAgent: 'ua',
        caller: { userId: 'u1' },
        requestId: reply.headers['openstack-request-id'],
      },
      {
        route: 'thing.delete',
        path: '/v1/things/x',
        target: { ident: 'x' },
        status: 400,
        error: 'UnexpectedArguments',
      },
      { route: 'thing.delete', status: 401, caller: null },
    ]);
  });

  it('that fails does not swallow the reply', async () => {
    server = await sampleServer({ audit: { record: () => Promise.reject(new Error('full')) } });
    const reply = await server.inject({ method: 'DELETE', url: '/v1/things/x', headers: admin });
    expect(reply.status).toBe(204);
  });
});

describe('the log', () => {
  it('tells a failure of ours once, with its cause and request id, and changes; quick reads not', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLog({
      level: 'info',
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    server = await sampleServer({ log });
    await server.inject({ method: 'GET', url: '/v1/things?owner=x', headers: admin });
    expect(lines).toEqual([]);
    await server.inject({
      method: 'POST',
      url: '/v1/things?secret=hunter2',
      headers: admin,
      body: { driver: 'hunter2' },
    });
    expect(lines).toMatchObject([
      {
        message: 'request',
        route: 'thing.create',
        status: 400,
        path: '/v1/things',
        user: 'u1',
        code: 'UnexpectedArguments',
      },
    ]);
    const global = 'req-00000000-0000-0000-0000-000000000001';
    const reply = await server.inject({
      method: 'GET',
      url: '/v1/fail/inner',
      headers: { 'X-Openstack-Request-Id': global },
    });
    const failure = lines.filter(({ level }) => level === 'error');
    expect(failure).toMatchObject([
      {
        requestId: reply.headers['openstack-request-id'],
        globalRequestId: global,
        err: { code: 'Broken', cause: { message: 'deep' } },
      },
    ]);
    expect(reply.headers['openstack-request-id']).not.toBe(global);
    expect(JSON.stringify(lines)).not.toContain('driver":"hunter2');
  });
});

describe('the log of what machines say all day', () => {
  it('holds what was refused, not what was well', async () => {
    const lines: { route?: string; status?: number }[] = [];
    const log = createLog({ level: 'info', write: (line) => void lines.push(JSON.parse(line)) });
    const routes = sampleDoor.routes.map((route) => (route.id === 'thing.delete' ? { ...route, audit: false } : route));
    server = await sampleServer({ log, doors: [{ ...sampleDoor, routes: routes as typeof sampleDoor.routes }] });
    await server.inject({ method: 'DELETE', url: '/v1/things/x', headers: admin });
    expect(lines).toEqual([]);
    await server.inject({ method: 'DELETE', url: '/v1/things/x' });
    expect(lines).toMatchObject([{ route: 'thing.delete', status: 401 }]);
  });
});

describe('limits', () => {
  it('of streamed bodies hold with and without a length', async () => {
    const routes = sampleDoor.routes.map((route) => (route.id === 'upload' ? { ...route, bodyLimit: 1000 } : route));
    server = await sampleServer({ doors: [{ ...sampleDoor, routes }] });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const send = async (head: string, body: string) => {
      const client = new RawClient(port).send(
        `PUT /v1/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${head}\r\n\r\n${body}`,
      );
      await client.end();
      return client.statuses[0];
    };
    expect(await send('Content-Length: 1000', 'x'.repeat(1000))).toBe(200);
    expect(await send('Content-Length: 1001', 'x'.repeat(1001))).toBe(413);
    expect(await send('Transfer-Encoding: chunked', `3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`)).toBe(413);
  });

  it('of all bodies together spare the small ones, and are given back', async () => {
    const routes = sampleDoor.routes.map((route) =>
      route.id === 'thing.create' ? { ...route, bodyLimit: 8e6 } : route,
    );
    server = await sampleServer({ doors: [{ ...sampleDoor, routes }], limits: { bodies: { small: 4e6, large: 5e6 } } });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const head = (length: number, more = '') =>
      `POST /v1/things HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\nConnection: close\r\n${more}Content-Length: ${length}\r\n\r\n`;
    const large = `{"driver":"${'x'.repeat(4e6 - 13)}"}`;
    /** A large body but for its last byte. The server says 100 where it has let it in. */
    const begun = async () => {
      const client = new RawClient(port).send(head(4e6, 'Expect: 100-continue\r\n'));
      await client.until(({ text }) => text.includes(' 100 '));
      return client.send(large.slice(0, -1));
    };
    for (let round = 0; round < 3; round++) {
      const held = await begun();
      const second = new RawClient(port).send(head(4e6) + large);
      await second.end();
      expect(second.statuses).toEqual([503]);
      const small = new RawClient(port).send(`${head(14)}{"driver":"d"}`);
      await small.end();
      expect(small.statuses).toEqual([201]);
      held.send('}');
      await held.end();
      expect(held.statuses).toEqual([201]);
      (await begun()).destroy();
      // Who goes without a word is missed as soon as the server sees the end of its connection.
      for (let after = new RawClient(port); ; after = new RawClient(port)) {
        await after.send(head(4e6) + large).end();
        if (after.statuses[0] === 201) break;
        await systemClock.sleep(20);
      }
    }
  });

  it('of requests at once turn the rest away', async () => {
    server = await sampleServer({ limits: { maxInFlight: 3 } });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = new RawClient(port).send('GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10));
    await client.until(({ statuses }) => statuses.length === 10);
    expect(client.text.match(/too much to do/g)).toHaveLength(7);
    client.destroy();
  });
});

describe('TLS', () => {
  it('is spoken when there is a certificate, and links say so', async () => {
    server = await sampleServer({ tls: testTls });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const location = await new Promise<string | undefined>((resolve, reject) => {
      const call = httpsRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/v1/things',
          method: 'POST',
          headers: admin,
          ca: testTls.cert,
          servername: 'localhost',
          agent: false,
        },
        (reply) => {
          reply.resume();
          resolve(reply.headers.location);
        },
      );
      call.on('error', reject);
      call.end('{"driver":"d"}');
    });
    expect(location).toBe(`https://127.0.0.1:${port}/v1/things/x`);
    const plain = new RawClient(port).send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await plain.end();
  });
});
