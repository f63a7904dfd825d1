import { describe, expect, it } from 'vitest';
import { compileAccessRules, pathMatcher, serviceFinder } from './access-rules.ts';

describe('access rules', () => {
  it.each([
    ['/v1/nodes', '/v1/nodes', true],
    ['/v1/nodes', '/v1/nodes/x', false],
    ['/v1/nodes/*', '/v1/nodes/x', true],
    ['/v1/nodes/*', '/v1/nodes/', false],
    ['/v1/nodes/*', '/v1/nodes/x/states', false],
    ['/v1/nodes/*/states', '/v1/nodes/x/states', true],
    ['/v1/nodes/{node}/states', '/v1/nodes/x/states', true],
    ['/v1/**', '/v1/nodes/x/states', true],
    ['/v1/**', '/v1', true],
    ['/v1/**', '/v2/nodes', false],
    ['/**/states', '/v1/nodes/x/states', true],
    ['/**/states', '/v1/nodes/x', false],
    ['/v1/node-*', '/v1/node-7', true],
    ['/v1/node-*', '/v1/nodes', false],
    ['/v1/a.c', '/v1/abc', false],
    ['/v1/(a+)+$', '/v1/aaaa', false],
  ])('%s fits %s: %s', (pattern, path, fits) => {
    expect(pathMatcher(pattern)(path)).toBe(fits);
  });

  it('know whose path it is', () => {
    const find = serviceFinder([
      { type: 'identity', name: '', path: '/identity' },
      { type: 'baremetal', name: '', path: '/' },
      { type: 'volumev3', name: '', path: '/volume/v3/$(project_id)s' },
    ]);
    expect(find('/identity/v3/users')).toEqual({ type: 'identity', path: '/v3/users' });
    expect(find('/identityx/v3')).toEqual({ type: 'baremetal', path: '/identityx/v3' });
    expect(find('/v1/nodes')).toEqual({ type: 'baremetal', path: '/v1/nodes' });
    expect(find('/volume/v3/p/volumes')).toEqual({ type: 'volumev3', path: '/p/volumes' });
    const check = compileAccessRules([{ id: '1', service: 'baremetal', method: 'GET', path: '/v1/nodes' }], find);
    expect(check({ method: 'GET', url: '/v1/nodes?limit=1' })).toBe(true);
    expect(check({ method: 'GET', url: '/v1/nodes/' })).toBe(true);
    expect(check({ method: 'POST', url: '/v1/nodes' })).toBe(false);
    expect(check({ method: 'GET', url: '/identity/v1/nodes' })).toBe(false);
    expect(check(undefined)).toBe(false);
  });
});
