import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '#http/contract';
import { type Cloud, type Json, openCloud } from './cloud.ts';

// Whatever a client sends, even an admin, is answered with 2xx, 3xx or 4xx in the one shape of errors.

describe('nothing a client sends', () => {
  let cloud: Cloud;
  let admin: string;
  const ids: string[] = [
    'default',
    'x',
    '0',
    '-1',
    'null',
    "'; drop table identity_users; --",
    '%25',
    'é',
    '../..',
    '__proto__',
  ];

  /** Ids that exist, by the parameter they fit: most requests shall get past the look-up. */
  const byParam = new Map<string, string[]>();

  beforeAll(async () => {
    cloud = await openCloud({ config: { throttle: { attempts: 1e6, perSource: 1e6, perUser: 1e6 } } });
    admin = await cloud.admin();
    for (const plural of ['users', 'projects', 'roles', 'services', 'endpoints', 'regions', 'registered_limits']) {
      const list = await cloud.want(200, 'GET', `/v3/${plural}`, admin);
      const found = list[plural].map((one: Json) => one.id);
      ids.push(...found);
      byParam.set(plural === 'registered_limits' ? 'limit_id' : `${plural.slice(0, -1)}_id`, found);
    }
    byParam.set('implied_role_id', byParam.get('role_id') ?? []);
  });
  afterAll(() => cloud.close());

  const word = fc.oneof(
    fc.constantFrom(
      ...[
        '',
        ' ',
        'a',
        'A'.repeat(300),
        '\u0000',
        '\ud800',
        '\u202e',
        "'",
        '%',
        '"',
        '\\',
        '{}',
        'true',
        '1e309',
        'default',
      ],
    ),
    fc.string({ maxLength: 20 }),
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.constantFrom<unknown>(null, true, false, 0, -1, 1e15, 2 ** 53, 1.5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('id', 'name', 'domain', 'x', 'constructor', 'options'), tie('value'), {
        maxKeys: 3,
      }),
    ),
  })).value;

  /** Values for the properties of a schema: mostly fitting, sometimes not. */
  function from(schema: Json): fc.Arbitrary<unknown> {
    if (schema === undefined) return anything;
    const fitting = fittingOf(schema);
    return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: anything });
  }
  function fittingOf(schema: Json): fc.Arbitrary<unknown> {
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one: Json) => from(one)));
    if (schema.const !== undefined) return fc.constant(schema.const);
    switch (schema.type) {
      case 'object': {
        const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
        const required = new Set<string>(schema.required ?? []);
        const parts = Object.fromEntries(properties.map(([name, property]) => [name, from(property)]));
        return fc.record(parts, { requiredKeys: [...required] });
      }
      case 'array':
        return fc.array(from(schema.items), { maxLength: 3 });
      case 'string':
        return fc.oneof(word, fc.constantFrom(...ids));
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 2147483647, 2147483648));
      case 'null':
        return fc.constant(null);
      default:
        return anything;
    }
  }

  it('is answered with 5xx', async () => {
    const routes = cloud.identity.doors.flatMap((door) =>
      door.routes.map((route) => ({ door, route: route as Route })),
    );
    const request = fc.constantFrom(...routes).chain(({ door, route }) =>
      fc.record({
        door: fc.constant(door),
        route: fc.constant(route),
        ids: fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: word }), {
          minLength: 4,
          maxLength: 4,
        }),
        query: fc.dictionary(
          fc.constantFrom(
            'limit',
            'marker',
            'name',
            'name__contains',
            'enabled',
            'domain_id',
            'parent_id',
            'tags',
            'effective',
            'include_names',
            'include_subtree',
            'scope.project.id',
            'scope.system',
            'user.id',
            'password_expires_at',
            'rule',
            'since',
            'is_domain',
            'subtree_as_ids',
            'parents_as_list',
            'target_type',
            'target',
            'x',
          ),
          word,
          { maxKeys: 3 },
        ),
        body: route.body === undefined ? fc.constant(undefined) : from(route.body),
      }),
    );
    const wrong: string[] = [];
    let refused = 0;
    let done = 0;
    await fc.assert(
      fc.asyncProperty(request, async ({ door, route, ids: parts, query, body }) => {
        // The operators' account and projects must live on for the next request.
        if (/^(user|domain|region|service)\.(delete|update|password)|^grant.*revoke|^role\.implied/.test(route.id))
          return;
        let next = 0;
        const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
          const real = byParam.get(name) ?? [];
          const part = parts[next++] ?? 'x';
          return encode(ids.includes(part) ? (real[ids.indexOf(part) % (real.length + 1)] ?? part) : part);
        });
        const search = new URLSearchParams(Object.entries(query).map(([k, v]): [string, string] => [k, v])).toString();
        const url = `${door.prefix}${path}${search === '' ? '' : `?${search}`}`;
        const reply = await cloud.server.inject({
          method: route.method,
          url,
          headers: { 'x-auth-token': admin, 'x-subject-token': admin.slice(0, -1) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        done++;
        if (reply.status >= 400) refused++;
        if (reply.status >= 500)
          wrong.push(`${route.id} ${reply.status} ${url} ${JSON.stringify(body)}: ${reply.text}`);
        if (reply.status >= 400 && route.method !== 'HEAD') {
          expect(reply.json()).toEqual({
            error: { code: reply.status, title: expect.any(String), message: expect.any(String) },
          });
        }
      }),
      { numRuns: 3_000 },
    );
    expect(wrong).toEqual([]);
    expect(refused).toBeLessThan(done);
    expect((await cloud.send('GET', '/v3/users', await cloud.admin())).status).toBe(200);
  });
});

function encode(text: string): string {
  try {
    return encodeURIComponent(text) || 'x';
  } catch {
    return 'x';
  }
}
