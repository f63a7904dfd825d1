import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '#http/server';
import type { InjectRequest } from '#http/inject';
import { sampleServer } from './sample.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await sampleServer();
});
afterAll(() => server.close());

const ask = (request: Partial<InjectRequest> & { url: string }) =>
  server.inject({ method: 'GET', ...request, headers: { 'x-auth-token': 'admin', ...request.headers } });
const version = (value: string) => ({ 'X-OpenStack-Ironic-API-Version': value });
const fault = (reply: { json(): unknown }) =>
  JSON.parse((reply.json() as { error_message: string }).error_message) as Record<string, unknown>;

describe('the schemas', () => {
  it('compile', () => server.compile());
});

describe('microversions', () => {
  it('default to 1.1 and are told on every reply', async () => {
    const reply = await ask({ url: '/v1/things' });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'x-openstack-ironic-api-version': '1.1',
      'x-openstack-ironic-api-minimum-version': '1.1',
      'x-openstack-ironic-api-maximum-version': '1.115',
    });
    const missing = await ask({ url: '/v1/nothing', headers: version('1.7') });
    expect(missing.status).toBe(404);
    expect(missing.headers['x-openstack-ironic-api-version']).toBe('1.7');
  });

  it.each([
    [version('1.50'), 50],
    [version('latest'), 115],
    [version('LATEST'), 115],
    [{ 'OpenStack-API-Version': 'baremetal 1.60' }, 60],
    [{ 'OpenStack-API-Version': 'compute 2.1, baremetal 1.61' }, 61],
    [{ 'OpenStack-API-Version': 'baremetal latest' }, 115],
    [{ 'OpenStack-API-Version': 'compute 2.1', ...version('1.9') }, 9],
    [{ 'OpenStack-API-Version': 'baremetal 1.8', ...version('1.9') }, 8],
  ])('are read from %j', async (headers, expected) => {
    const reply = await ask({ url: '/v1/things', headers: headers as Record<string, string> });
    expect(reply.json<{ version: number }>().version).toBe(expected);
  });

  it.each(['1', 'x', '1.2.3', '1.x', '-1.2', '1.', 'nan'])(
    'cannot be read from %j: 406 without version headers',
    async (word) => {
      const reply = await ask({ url: '/v1/things', headers: version(word) });
      expect(reply.status).toBe(406);
      expect(reply.headers['x-openstack-ironic-api-maximum-version']).toBeUndefined();
      expect(fault(reply)).toMatchObject({ code: 406, title: 'Not Acceptable' });
    },
  );

  it.each(['1.0', '1.116', '2.1', '0.5'])('outside the range (%s) are refused and the range is told', async (word) => {
    const reply = await ask({ url: '/v1/things', headers: version(word) });
    expect(reply.status).toBe(406);
    expect(reply.headers['x-openstack-ironic-api-maximum-version']).toBe('1.115');
    expect(reply.headers['x-openstack-ironic-api-version']).toBeUndefined();
  });

  it('hide newer routes with the status each says', async () => {
    expect((await ask({ url: '/v1/new', headers: version('1.49') })).status).toBe(404);
    expect((await ask({ url: '/v1/new', method: 'POST', headers: version('1.49') })).status).toBe(405);
    expect((await ask({ url: '/v1/new', headers: version('1.50') })).status).toBe(200);
  });

  it('do not keep the discovery document back', async () => {
    expect((await ask({ url: '/', headers: version('9.9') })).status).toBe(200);
  });
});

describe('paths', () => {
  it('tolerate a trailing slash and a missing /v1', async () => {
    expect((await ask({ url: '/v1/things/' })).status).toBe(200);
    expect((await ask({ url: '/things' })).status).toBe(200);
    expect((await ask({ url: '/things/abc' })).json()).toEqual({ ident: 'abc' });
  });

  it('lose .json below 1.91 when a version was asked for', async () => {
    expect((await ask({ url: '/v1/things/a.json?x', headers: version('1.90') })).status).toBe(400);
    expect((await ask({ url: '/v1/things/a.json', headers: version('1.90') })).json()).toEqual({ ident: 'a' });
    expect((await ask({ url: '/v1/things/a.json', headers: version('1.91') })).json()).toEqual({ ident: 'a.json' });
    expect((await ask({ url: '/v1/things/a.json' })).json()).toEqual({ ident: 'a.json' });
  });

  it('answer 404 in the router shape when unknown', async () => {
    const reply = await ask({ url: '/v1/nope' });
    expect(reply.status).toBe(404);
    expect(fault(reply)).toMatchObject({ code: 404, title: 'Not Found' });
  });

  it('answer 405 with Allow to other methods, HEAD included', async () => {
    const reply = await ask({ url: '/v1/things', method: 'PATCH' });
    expect(reply.status).toBe(405);
    expect(reply.headers['allow']).toBe('GET, OPTIONS, POST');
    expect((await ask({ url: '/v1/things', method: 'HEAD' })).status).toBe(405);
    expect((await ask({ url: '/v1/things/detail', method: 'DELETE' })).status).toBe(204);
    const options = await ask({ url: '/things', method: 'OPTIONS' });
    expect(options.status).toBe(200);
    expect(options.headers['allow']).toBe('GET, OPTIONS, POST');
    expect((await ask({ url: '/v1/new', method: 'PUT', headers: version('1.40') })).status).toBe(404);
  });

  it.each(['/v1/things/%', '/v1/things/%zz', '/v1/things/%ff', '/v1/things/%ed%a0%80', '/v1/things/a%00b', '/v1/%'])(
    'with bad encoding (%s) are 400 in the same shape',
    async (url) => {
      const reply = await ask({ url });
      expect(reply.status).toBe(400);
      expect(fault(reply)).toMatchObject({ code: 400, title: 'Bad Request' });
    },
  );

  it('may be long, but not too long', async () => {
    expect((await ask({ url: `/v1/things/${'a'.repeat(3000)}` })).status).toBe(200);
    expect((await ask({ url: `/v1/things/${'a'.repeat(9000)}` })).status).toBe(414);
    expect((await ask({ url: `/v1/things?owner=${'a'.repeat(9000)}` })).status).toBe(414);
    expect((await ask({ url: `/nope/${'a'.repeat(9000)}` })).status).toBe(414);
  });
});

describe('who may', () => {
  it('is asked before anything else is looked at', async () => {
    const reply = await ask({ url: '/v1/things?bogus=1', headers: { 'x-auth-token': 'wrong', ...version('7.7') } });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toContain('Keystone');
    expect(fault(reply)).toMatchObject({ faultcode: 'Client' });
    expect((await ask({ url: '/v1/things', headers: { 'x-auth-token': 'slow-wrong' } })).status).toBe(401);
    expect((await ask({ url: '/v1/things', headers: { 'x-auth-token': 'slow-admin' } })).status).toBe(200);
  });

  it('is asked by the server, or by the handler with a target', async () => {
    const reader = { 'x-auth-token': 'reader' };
    expect((await ask({ url: '/v1/things', headers: reader })).status).toBe(200);
    expect((await ask({ url: '/v1/things/x', method: 'DELETE', headers: reader })).status).toBe(403);
    const body = { target: 'power on' };
    expect((await ask({ url: '/v1/things/x/states/power', method: 'PUT', headers: reader, body })).status).toBe(404);
    expect((await ask({ url: '/v1/things/x/states/power', method: 'PUT', body })).status).toBe(202);
  });

  it('cannot be forgotten by a handler', async () => {
    const reply = await ask({ url: '/v1/things/forgetful/states/power', method: 'PUT', body: { target: 'power on' } });
    expect(reply.status).toBe(500);
  });
});

describe('errors', () => {
  it('have the shape of the door and carry Retry-After', async () => {
    const reply = await ask({ url: '/v1/fail/locked' });
    expect(reply.status).toBe(409);
    expect(reply.headers['retry-after']).toBe('2');
    expect(fault(reply)).toEqual({ debuginfo: null, faultcode: 'Client', faultstring: 'Node 1 is locked' });
    const away = await ask({ url: '/v1/fail/database' });
    expect(away.status).toBe(503);
    expect(away.headers['retry-after']).toBe('3');
    expect(fault(away)).toMatchObject({ faultcode: 'Server', faultstring: 'The database cannot be reached' });
  });

  it.each(['inner', 'unknown', 'bigint', 'header'])('of our own (%s) tell nothing but the request id', async (how) => {
    const reply = await ask({ url: `/v1/fail/${how}` });
    expect(reply.status).toBe(500);
    expect(fault(reply)['faultstring']).toContain(reply.headers['openstack-request-id']);
    expect(reply.text).not.toMatch(/secret|hunter2|SELECT|BigInt|invalid/i);
    expect(reply.headers['x-good']).toBeUndefined();
  });
});

describe('the request id', () => {
  it('is on each reply, doubled from 1.107 on', async () => {
    const old = await ask({ url: '/v1/things' });
    expect(old.headers['openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(old.headers['x-openstack-request-id']).toBeUndefined();
    const fresh = await ask({ url: '/v1/nope', headers: version('1.107') });
    expect(fresh.headers['x-openstack-request-id']).toBe(fresh.headers['openstack-request-id']);
  });
});

describe('the query', () => {
  it('is read by its schema', async () => {
    const reply = await ask({
      url: '/v1/things?limit=5&maintenance=Yes&fields=UUID,name,,uuid&fields=x&owner=a%20b+c',
    });
    expect(reply.json()).toEqual({
      query: { limit: 5, maintenance: true, fields: ['uuid', 'name', 'x'], owner: 'a b c' },
      version: 1,
    });
  });

  it.each([
    ['?bogus=1', 'Unexpected arguments: bogus'],
    ['?__proto__=1', 'Unexpected arguments: __proto__'],
    ['?limit=x', 'limit'],
    ['?limit=0', 'limit'],
    ['?limit=-5', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=99999999999999999999', 'limit'],
    ['?limit=', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?maintenance=maybe', 'maintenance'],
    ['?owner=%00', 'NUL'],
    ['?owner=%ff', 'encoding'],
  ])('%s is refused', async (query, word) => {
    const reply = await ask({ url: `/v1/things${query}` });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(word);
  });
});

describe('the body', () => {
  const post = (body: unknown, headers = {}) => ask({ url: '/v1/things', method: 'POST', body, headers });

  it('is taken as JSON whatever it calls itself', async () => {
    for (const type of [
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'garbage',
      ';;;',
      'a/b; charset="x',
    ]) {
      const reply = await post('{"driver":"fake"}', { 'content-type': type });
      expect([type, reply.status]).toEqual([type, 201]);
      expect(reply.headers['location']).toBe('http://localhost:6385/v1/things/x');
    }
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['malformed', '{"driver": '],
    ['not an object', '[]'],
    ['a scalar', '7'],
    ['null', 'null'],
    ['a wrong type', '{"driver":7}'],
    ['a missing field', '{}'],
    ['an unknown field', '{"driver":"x","bogus":1}'],
    ['a prototype', '{"driver":"x","extra":{"__proto__":{"a":1}}}'],
    ['an escaped prototype', '{"driver":"x","extra":{"\\u005f_proto__":{"a":1}}}'],
    ['a constructor', '{"driver":"x","extra":{"constructor":{"prototype":{"a":1}}}}'],
    ['a NUL', '{"driver":"x\\u0000"}'],
    ['a NUL in a key', '{"driver":"x","extra":{"a\\u0000":1}}'],
    ['half a surrogate pair', '{"driver":"\\ud800"}'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an infinite number', '{"driver":"x","extra":{"n":1e999}}'],
    ['a long number', `{"driver":"x","extra":{"n":${'9'.repeat(400)}}}`],
    ['a fraction', '{"driver":"x","count":1.5}'],
    ['too much depth', `{"driver":"x","extra":${'{"a":'.repeat(26)}1${'}'.repeat(26)}}`],
    ['endless depth', '['.repeat(60_000)],
    ['a byte order mark', '\ufeff{"driver":"x"}'],
  ])('with %s is 400', async (_what, body) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(fault(reply)).toMatchObject({ faultcode: 'Client' });
  });

  it('may hold what only looks dangerous', async () => {
    for (const body of [
      '{"driver":"x","extra":{"constructor":"me","prototype":1}}',
      '{"driver":"\\ud83d\\ude00 \\u00e9 \\"quoted\\\\"}',
      '{"driver":"x","extra":{"text":"__proto__ 1e999 [[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}}',
      `{"driver":"x","extra":{"n":1e9,"long":"${'9'.repeat(400)}"}}`,
    ]) {
      const reply = await post(body);
      expect([body, reply.status]).toEqual([body, 201]);
      expect(reply.json()).toEqual(JSON.parse(body));
    }
  });

  it('is limited in size by its route', async () => {
    const reply = await post(`{"driver":"${'x'.repeat(70_000)}"}`);
    expect(reply.status).toBe(413);
    expect(reply.headers['connection']).toBe('close');
  });

  it('never comes back in an error', async () => {
    const reply = await post({ driver: { password: 'hunter2' } });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('field driver');
    expect(reply.text).not.toContain('hunter2');
    expect((await post('{"driver": hunter2')).text).not.toContain('hunter2');
  });

  it('says what a union allows', async () => {
    expect((await post({ driver: 'x', name: 5 })).text).toContain('a string or null');
    const reply = await ask({ url: '/v1/things/x/states/power', method: 'PUT', body: { target: 'explode' } });
    expect(reply.text).toContain('power on');
  });
});

describe('Accept', () => {
  it.each(['*/*', 'application/json', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/*', ''])(
    '%j is fine',
    async (accept) => {
      expect((await ask({ url: '/v1/things', headers: { accept } })).status).toBe(200);
    },
  );
  it.each(['application/xml', 'text/html', 'application/json;q=0'])('%j is 406', async (accept) => {
    expect((await ask({ url: '/v1/things', headers: { accept } })).status).toBe(406);
  });
  it('does not matter where JSON is not the answer', async () => {
    expect((await ask({ url: '/v1/raw', headers: { accept: 'text/html' } })).text).toBe('hello');
  });
});
