import { describe, expect, it } from 'vitest';
import { bindDoors } from './bind.ts';
import type { Door, Route } from './contract.ts';
import { ironicErrorBody } from './errors-ironic.ts';
import { keystoneErrorBody } from './errors-keystone.ts';
import { failureOf } from './failure.ts';
import { IngotError } from '#kernel/errors';
import { baseUrlOf, sourceOf } from './origin.ts';
import { PathIndex } from './path-index.ts';
import { VersionReader } from './version.ts';
import type { IncomingMessage } from 'node:http';

const route = (id: string, path: string, method: Route['method'] = 'GET'): Route => ({
  id,
  method,
  path,
  since: 1,
  policy: null,
  summary: id,
  success: 200,
});
const door = (routes: Route[], handlers: string[], more: Partial<Door> = {}): Door => ({
  name: 'a',
  prefix: '',
  routes,
  handlers: Object.fromEntries(handlers.map((id) => [id, () => ({})])),
  errorBody: ironicErrorBody,
  ...more,
});

describe('bindDoors', () => {
  it('joins tables and handlers', () => {
    expect(bindDoors([door([route('x', '/x')], ['x'])])).toHaveLength(1);
  });

  it.each<[string, Door[]]>([
    ['no handler', [door([route('x', '/x')], [])]],
    ['no route', [door([], ['x'])]],
    ['is there twice', [door([route('x', '/x'), route('x', '/y')], ['x'])]],
    ['GET /:/z is there twice', [door([route('x', '/:a/z'), route('y', '/:b/z')], ['x', 'y'])]],
    ['two doors', [door([], []), door([], [])]],
    ['prefix', [door([], [], { prefix: '/a/' })]],
    ['must begin with /', [door([route('x', 'x')], ['x'])]],
    ['policy is empty', [door([{ ...route('x', '/x'), policy: '' }], ['x'])]],
    ['no guard', [door([{ ...route('x', '/x'), guard: 'handler' }], ['x'])]],
    ['no handler', [door([route('constructor', '/x')], [])]],
  ])('refuses: %s', (words, doors) => {
    expect(() => bindDoors(doors)).toThrow(words);
  });
});

describe('PathIndex', () => {
  const index = new PathIndex([
    route('list', '/v1/nodes'),
    route('detail', '/v1/nodes/detail'),
    route('one', '/v1/nodes/:id'),
    route('put', '/v1/nodes/:id', 'PATCH'),
    route('all', '/files/*'),
  ]);
  it.each([
    ['/v1/nodes', ['list']],
    ['/v1/nodes/', ['list']],
    ['/v1/nodes/detail', ['detail']],
    ['/v1/nodes/x', ['one', 'put']],
    ['/v1/nodes/x/y', []],
    ['/', []],
    ['/files/a/b', ['all']],
  ])('%s', (path, ids) => {
    expect(index.at(path).map(({ id }) => id)).toEqual(ids);
  });
});

describe('VersionReader', () => {
  it('takes the names of any service', () => {
    const nova = new VersionReader({
      major: 2,
      min: 1,
      max: 96,
      fallback: 1,
      headers: { service: 'compute', own: 'X-OpenStack-Nova-API-Version', standard: true },
    });
    const { minor, headers } = nova.read({ 'x-openstack-nova-api-version': '2.53' });
    expect(minor).toBe(53);
    expect(headers).toEqual([
      'X-OpenStack-Nova-API-Version',
      '2.53',
      'OpenStack-API-Version',
      'compute 2.53',
      'Vary',
      'OpenStack-API-Version',
    ]);
    expect(nova.read({ 'openstack-api-version': 'compute latest' }).minor).toBe(96);
    expect(nova.read({ 'openstack-api-version': 'COMPUTE 2.9' }).minor).toBe(9);
    expect(nova.read({ 'openstack-api-version': 'compute 2.97' }).refusal).toMatchObject({ status: 406 });
  });

  it('keeps no more answers than it needs', () => {
    const reader = new VersionReader({ min: 1, max: 115, fallback: 1 });
    for (let i = 0; i < 5000; i++) reader.read({ 'x-openstack-ironic-api-version': `1.${i}` });
    expect(reader.read({ 'x-openstack-ironic-api-version': '1.115' }).minor).toBe(115);
  });
});

describe('origin', () => {
  const request = (headers: Record<string, string>) =>
    ({ headers, socket: { remoteAddress: '10.0.0.9' } }) as unknown as IncomingMessage;
  const forwarded = {
    host: 'inner:1',
    'x-forwarded-host': 'evil, cloud.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/bm/',
    'x-forwarded-for': '6.6.6.6, 1.2.3.4',
  };
  it('believes a proxy only when told to', () => {
    expect(baseUrlOf(request(forwarded), {}, 'http', 'f')).toBe('http://inner:1');
    expect(baseUrlOf(request(forwarded), { trustProxy: true }, 'http', 'f')).toBe('https://cloud.example/bm');
    expect(baseUrlOf(request(forwarded), { publicUrl: 'https://p' }, 'http', 'f')).toBe('https://p');
    expect(sourceOf(request(forwarded), {})).toBe('10.0.0.9');
    expect(sourceOf(request(forwarded), { trustProxy: true })).toBe('1.2.3.4');
    // as Node leaves it when the request was destroyed
    expect(sourceOf({ headers: {}, socket: null } as unknown as IncomingMessage, {})).toBe('');
  });
  it('lets no strange host into links', () => {
    for (const host of ['a"b', 'a/b', '', 'a b', 'a@b', 'a:b', 'a:123456'])
      expect(baseUrlOf(request({ host }), {}, 'http', 'f:1')).toBe('http://f:1');
    expect(baseUrlOf(request({ host: '[::1]:6385' }), {}, 'https', 'f')).toBe('https://[::1]:6385');
    expect(baseUrlOf(request({ ...forwarded, 'x-forwarded-prefix': '/a"b' }), { trustProxy: true }, 'http', 'f')).toBe(
      'https://cloud.example',
    );
  });
});

describe('errors', () => {
  it('keep what is inside to themselves', () => {
    expect(failureOf(new IngotError('A', 404, 'gone'), 'r')).toMatchObject({
      status: 404,
      message: 'gone',
      ours: false,
    });
    expect(failureOf(new IngotError('A', 503, 'later'), 'r')).toMatchObject({
      status: 503,
      message: 'later',
      retryAfter: 1,
    });
    for (const error of [
      new IngotError('A', 502, 'secret'),
      new IngotError('A', 500, 'secret'),
      new Error('secret'),
      'secret',
      null,
      { code: 'X' },
      undefined,
    ]) {
      const failure = failureOf(error, 'req-1');
      expect(failure.status).toBeGreaterThanOrEqual(500);
      expect(failure.message).toContain('req-1');
      expect(failure.message).not.toContain('secret');
    }
  });

  it('have the shapes clients know', () => {
    const facts = { status: 404, code: 'X', message: 'no "node"' };
    expect(JSON.parse(ironicErrorBody(facts, false).error_message)).toEqual({
      debuginfo: null,
      faultcode: 'Client',
      faultstring: 'no "node"',
    });
    expect(JSON.parse(ironicErrorBody(facts, true).error_message)).toEqual({
      code: 404,
      title: 'Not Found',
      description: 'no "node"',
    });
    expect(keystoneErrorBody(facts)).toEqual({ error: { code: 404, title: 'Not Found', message: 'no "node"' } });
  });
});
