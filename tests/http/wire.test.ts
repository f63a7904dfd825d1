import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '#http/server';
import { systemClock } from '#kernel/clock';
import { type Log, type LogFields, silentLog } from '#platform/log';
import { RawClient } from './raw-client.ts';
import { sampleServer } from './sample.ts';

const upgraded: string[] = [];
const failures: LogFields[] = [];
const log: Log = { ...silentLog, child: () => log, error: (fields) => void failures.push(fields) };
let server: ApiServer;
let port: number;
beforeAll(async () => {
  server = await sampleServer({
    log,
    limits: { headersTimeoutMs: 700, pace: { windowMs: 300, minBytes: 1000 }, idleMs: 4000 },
    upgrade: {
      wants: (request) => request.url?.startsWith('/console') === true,
      take: (request, socket) => {
        upgraded.push(request.url ?? '');
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nhello');
      },
    },
  });
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.close(1000));

const idle = async () => {
  const end = systemClock.monotonic() + 5000;
  while (server.inFlight > 0 && systemClock.monotonic() < end) await systemClock.sleep(5);
  return server.inFlight;
};
const HEAD = 'Host: x\r\nX-Auth-Token: admin\r\n';
const post = (body: string, head = '') =>
  `POST /v1/things HTTP/1.1\r\n${HEAD}${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const get = (path = '/v1/things', head = '') => `GET ${path} HTTP/1.1\r\n${HEAD}${head}\r\n`;

describe('requests', () => {
  it('may be pipelined; replies keep their order', async () => {
    const client = new RawClient(port).send(
      get('/v1/things/a') + post('{"driver":"d"}') + get('/v1/nope') + get('/v1/things/b', 'Connection: close\r\n'),
    );
    await client.end();
    expect(client.statuses).toEqual([200, 201, 404, 200]);
    expect(client.text.indexOf('{"ident":"a"}')).toBeLessThan(client.text.indexOf('{"ident":"b"}'));
  });

  it('may come byte by byte, if not too slowly', async () => {
    const client = new RawClient(port);
    client.socket.setNoDelay(true);
    for (const char of post('{"driver":"dé"}', 'Connection: close\r\n')) {
      client.send(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.end();
    expect(client.statuses).toEqual([201]);
  });

  it('may be chunked, and wait for 100 Continue', async () => {
    const client = new RawClient(port).send(
      `POST /v1/things HTTP/1.1\r\n${HEAD}Connection: close\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    await client.until(({ text }) => text.includes('100 Continue'));
    client.send('5\r\n{"dri\r\n9\r\nver":"d"}\r\n0\r\n\r\n');
    await client.end();
    expect(client.statuses).toEqual([201]);
  });

  it('that stream a body are not limited by the reader', async () => {
    const body = 'x'.repeat(2_000_000);
    const client = new RawClient(port).send(
      `PUT /v1/upload HTTP/1.1\r\n${HEAD}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await client.end();
    expect(client.text).toContain('{"size":2000000}');
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['noise', '\x00\x01\x02\xff\xfe\r\n\r\n', 400],
    ['words', 'hello\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a bad version', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['no host', 'GET /v1/things HTTP/1.1\r\n\r\n', 400],
    ['two lengths', `POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 400],
    [
      'length and chunks',
      `POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a bad length', `POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n`, 400],
    ['a bad chunk', `POST /v1/things HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${HEAD}X: a\0b\r\n\r\n`, 400],
    ['huge headers', `GET / HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
    ['a space in the URL', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('(%s) is answered and cut', async (_what, bytes, status) => {
    const client = new RawClient(port).send(Buffer.from(bytes, 'latin1'));
    await client.end();
    expect(client.statuses).toEqual([status]);
    expect(await idle()).toBe(0);
  });

  it('does not disturb the reply before it', async () => {
    const client = new RawClient(port).send(`${get()}\0\0\0\r\n\r\n`);
    await client.end();
    expect(client.statuses[0]).toBe(200);
  });
});

describe('slow and unfinished clients', () => {
  it('that do not finish their head are cut', async () => {
    const client = new RawClient(port).send('GET /v1/things HTTP/1.1\r\nHost: x\r\n');
    const drip = systemClock.every(100, () => client.send('X-A: b\r\n'));
    await client.end(5000);
    drip();
    expect(client.statuses).toEqual([408]);
  });

  it('that trickle their body get 408', async () => {
    const client = new RawClient(port).send(`POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: 60000\r\n\r\n`);
    const drip = systemClock.every(50, () => client.send('x'));
    await client.end(5000);
    drip();
    expect(client.statuses).toEqual([408]);
    expect(await idle()).toBe(0);
  });

  it('that go away in the middle leave nothing behind', async () => {
    for (const bytes of [
      `POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: 600\r\n\r\n{"dri`,
      `POST /v1/things HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{"d`,
      get('/v1/slow'),
      `PUT /v1/upload HTTP/1.1\r\n${HEAD}Content-Length: 600\r\n\r\nabc`,
      'GET /v1/th',
    ]) {
      const client = new RawClient(port).send(bytes);
      await systemClock.sleep(30);
      client.destroy();
    }
    expect(await idle()).toBe(0);
    expect(failures).toEqual([]);
  });

  it('that send too much are told and cut, with or without a length', async () => {
    const known = new RawClient(port).send(`POST /v1/things HTTP/1.1\r\n${HEAD}Content-Length: 99999999\r\n\r\n`);
    await known.end();
    expect(known.statuses).toEqual([413]);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const chunked = new RawClient(port).send(
      `POST /v1/things HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
    );
    await chunked.end();
    expect(chunked.statuses).toEqual([413]);
  });

  it('that send all before they listen still hear why they were refused', async () => {
    for (const [token, status] of [
      ['admin', 413],
      ['wrong', 401],
    ] as const) {
      const client = new RawClient(port);
      client.socket.pause(); // as clients do that read only when they have written everything
      const body = 'x'.repeat(8_000_000);
      client.send(
        `POST /v1/things HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      await new Promise<void>((resolve) => client.socket.write(body, () => resolve()));
      client.socket.resume();
      await client.end();
      expect(client.statuses).toEqual([status]);
    }
  });

  it('that send a body nobody reads cannot smuggle a request in it', async () => {
    const smuggled = get('/v1/things/smuggled');
    const client = new RawClient(port).send(
      `GET /v1/things HTTP/1.1\r\n${HEAD}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    await client.end();
    expect(client.statuses).toEqual([200]);
    const refused = new RawClient(port).send(`POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n`);
    await refused.end();
    expect(refused.statuses).toEqual([401]);
  });

  it('wait no longer than the route says', async () => {
    const client = new RawClient(port).send(get('/v1/slow'));
    await client.until(({ statuses }) => statuses.length > 0);
    expect(client.statuses).toEqual([503]);
    expect(client.text).toContain('Retry-After');
    client.destroy();
  });
});

describe('links', () => {
  it('cannot be used to break out of JSON', async () => {
    for (const host of ['a"b', 'a/b', 'a b', 'a\\', '<x>', '[::1]:80"']) {
      const client = new RawClient(port).send(
        `POST /v1/things HTTP/1.1\r\nHost: ${host}\r\nX-Auth-Token: admin\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{"driver":"d"}`,
      );
      await client.end();
      const location = /Location: (.*)\r\n/.exec(client.text)?.[1];
      if (client.statuses[0] === 201) expect(location).toBe(`http://127.0.0.1:${port}/v1/things/x`);
      else expect(client.statuses).toEqual([400]);
    }
  });
});

describe('upgrades', () => {
  it('go to who wants them; others are ordinary requests', async () => {
    const head = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    const console = new RawClient(port).send(get('/console/1', head));
    await console.end();
    expect(console.text).toContain('hello');
    expect(upgraded).toEqual(['/console/1']);
    const other = new RawClient(port).send(get('/v1/things', head));
    await other.until(({ statuses }) => statuses.length === 1);
    expect(other.statuses).toEqual([200]);
    other.destroy();
  });
});
