import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InjectRequest } from '#http/inject';
import type { ApiServer } from '#http/server';
import type { Log, LogFields } from '#platform/log';
import { silentLog } from '#platform/log';
import { RawClient } from './raw-client.ts';
import { sampleServer } from './sample.ts';

// Whatever a client sends, no reply is a 5xx and no error of ours is logged: the sample door's own failing and slow
// routes are left out, since failing is what they are for.

const failures: LogFields[] = [];
const log: Log = {
  ...silentLog,
  child: () => log,
  error: (fields) => void failures.push(fields),
  warn: (fields) => void failures.push(fields),
};

let server: ApiServer;
let port: number;
beforeAll(async () => {
  server = await sampleServer({ log, operations: { ready: async () => ({ ready: true, reasons: [] }) } });
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(async () => {
  await server.close(500);
});

// What breaks databases and parsers, often; everything else, too.
const breaking = fc.constantFrom(
  '%00',
  'a%00b',
  '\0',
  '\ud800',
  'a\udfff',
  '%ff',
  '%zz',
  '%',
  '__proto__',
  'constructor',
);
const odd = fc.constantFrom(
  '',
  '%ff%fe',
  '%ed%a0%80',
  '..',
  '.',
  '%2e%2e',
  '%2F',
  '//',
  '.json',
  '*',
  ':ident',
  ';',
  '?',
  '#',
  '\\',
  'a'.repeat(3000),
  '１',
  '\u202e',
  '%u0041',
  '{}',
  '[1]',
  '-1',
  '1e999',
  'null',
  'true',
);
const nasty = fc.oneof(breaking, odd, fc.string({ unit: 'binary' }), fc.string());
const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'v1',
      'things',
      'detail',
      'new',
      'states',
      'power',
      'upload',
      'raw',
      'docs',
      'api',
      'healthcheck',
      'metrics',
      'events',
      'a',
    ),
  },
  { weight: 1, arbitrary: nasty },
);
const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom('limit', 'fields', 'maintenance', 'owner', 'topics'), nasty), nasty), {
    maxLength: 4,
  })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const visible = (text: string) => encodeURI(text.replace(/\p{Surrogate}/gu, '')).replaceAll('%25', '%');
const known = fc.constantFrom('/v1/things', '/v1/things', '/v1/things/a', '/v1/things/a/states/power', '/v1/new', '/');
const wild = fc.tuple(path, query).map(([p, q]) => visible(q === '' ? p : `${p}?${q}`));
const asked = fc
  .tuple(fc.constantFrom('limit', 'fields', 'maintenance', 'owner', 'owner'), nasty)
  .map(([name, value]) => visible(`/v1/things?${name}=${value}`));
const url = fc
  .oneof({ weight: 3, arbitrary: known }, { weight: 2, arbitrary: asked }, { weight: 2, arbitrary: wild })
  .filter((text) => !/\/(fail|slow)/.test(text));
const token = fc.constantFrom('admin', 'admin', 'admin', 'reader', 'slow-admin', 'slow-bad', 'bad');
const header = fc.tuple(
  fc.constantFrom(
    'X-OpenStack-Ironic-API-Version',
    'OpenStack-API-Version',
    'Accept',
    'Content-Type',
    'X-Openstack-Request-Id',
    'X-Forwarded-Host',
    'Last-Event-ID',
    'Accept-Version',
    'Transfer-Encoding',
    'Expect',
    'Connection',
    'Upgrade',
    'Content-Encoding',
    'If-Match',
    'Range',
    'Cookie',
  ),
  fc.oneof(
    fc.constantFrom(
      '1.50',
      'latest',
      'baremetal 1.60',
      'baremetal latest',
      '1.',
      '9.9',
      '*/*',
      'application/json',
      ', ,;q',
      'gzip',
      'close',
      '100-continue',
      'upgrade',
      'req-1',
      'x'.repeat(500),
    ),
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '')),
  ),
);
// Of the right shape, so that what is in it gets as far as it can.
const shaped = fc
  .record(
    {
      driver: nasty,
      extra: fc.dictionary(nasty, fc.oneof(nasty, fc.jsonValue())),
      name: fc.oneof(nasty, fc.constant(null)),
    },
    { requiredKeys: ['driver'] },
  )
  .map((value) => JSON.stringify(value));
const misshaped = fc
  .record(
    {
      driver: fc.jsonValue(),
      name: fc.jsonValue(),
      count: fc.jsonValue(),
      target: fc.jsonValue(),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));
const body = fc.oneof(
  { weight: 3, arbitrary: shaped },
  { weight: 1, arbitrary: misshaped },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: nasty },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"driver":"x","extra":{"__proto__":{}}}',
      '['.repeat(5000),
      '{"driver":"\\u0000"}',
      '"',
      '{',
      'null',
      '{"driver":"x","extra":{"constructor":{"prototype":{}}}}',
      '\ufeff{}',
      ' ',
      '{"driver":"x","extra":{"a":1e999}}',
    ),
  },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const bad = (status: number) => status >= 500;

describe('no input', () => {
  it('is answered with 5xx', async () => {
    const method: fc.Arbitrary<InjectRequest['method']> = fc.constantFrom(
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
    ) as fc.Arbitrary<InjectRequest['method']>;
    await fc.assert(
      fc.asyncProperty(
        method,
        url,
        token,
        fc.array(header, { maxLength: 3 }),
        body,
        async (verb, target, user, headers, content) => {
          // `inject` would wait for a body that never ends.
          const safe = Object.fromEntries(
            headers.filter(([name]) => !['Transfer-Encoding', 'Expect', 'Connection', 'Upgrade'].includes(name)),
          );
          const request = { method: verb, url: target, headers: { ...safe, 'X-Auth-Token': user } };
          const reply = await server.inject(content === undefined ? request : { ...request, body: content });
          expect(bad(reply.status), `${reply.status} ${reply.text}`).toBe(false);
          expect(reply.headers['openstack-request-id']).toMatch(/^req-/);
          if (reply.status >= 400 && verb !== 'HEAD') expect(() => reply.json()).not.toThrow();
        },
      ),
      { numRuns: 3000 },
    );
    expect(failures).toEqual([]);
  });

  it('of bytes on a socket crashes or wedges the server', async () => {
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'BREW', 'get', ''), url)
        .map(([verb, target]) => `${verb} ${target} HTTP/1.1`),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    const field = fc.oneof(
      header.map(([name, value]) => `${name}: ${value}`),
      fc.constantFrom(
        'Host: x',
        'Content-Length: 5',
        'Content-Length: x',
        'X-Auth-Token: admin',
        'Transfer-Encoding: chunked',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    const bytes = fc.oneof(
      fc
        .tuple(
          line,
          fc.array(field, { maxLength: 6 }),
          fc.oneof(
            body.map((text) => text ?? ''),
            fc.constantFrom('5\r\n{"a":', '0\r\n\r\n', 'ffffffffffffffff\r\n'),
          ),
        )
        .map(([first, fields, content]) =>
          Buffer.from(
            `${first}\r\n${['Host: x', 'X-Auth-Token: admin', ...fields].join('\r\n')}\r\n\r\n${content}`,
            'latin1',
          ),
        ),
      fc.uint8Array({ maxLength: 300 }).map((noise) => Buffer.from(noise)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 3 }), async (messages) => {
        const client = new RawClient(port);
        for (const message of messages) client.send(message);
        client.socket.end();
        await client.until(({ closed, statuses }) => closed || statuses.length > 0, 15_000);
        client.destroy();
        expect(client.statuses.filter(bad)).toEqual([]);
      }),
      { numRuns: 500 },
    );
    const alive = new RawClient(port).send(
      'GET /v1/things/x HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\nConnection: close\r\n\r\n',
    );
    await alive.end();
    expect(alive.statuses).toEqual([200]);
    await alive.until(() => server.inFlight === 0);
    expect(failures).toEqual([]);
  });
});
