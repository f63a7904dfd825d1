import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baremetalRoutes } from '#baremetal/api/routes';
import { introspectionRoutes } from '#baremetal/introspection/routes';
import type { Route } from '#http/contract';
import { identityRoutes } from '#identity/api/door';
import { scratch, ready } from '../../house/ingot.ts';
import { anyText, knownIds, type Schema, valueOf } from './values.ts';

/** Requests in all; `INGOT_FUZZ_RUNS` for the nightly run. The seed of a failure is printed by fast-check. */
const RUNS = Number(process.env['INGOT_FUZZ_RUNS'] ?? 4000);

interface Shot {
  route: string;
  method: string;
  url: string;
  version: string | null;
  body: string | undefined;
}

function shotsOf(route: Route): fc.Arbitrary<Shot> {
  const names = route.path.split('/').filter((part) => part.startsWith(':'));
  const queryShape = (route.query as Schema | undefined)?.properties ?? {};
  const known = Object.keys(queryShape);
  const query = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Record<string, string>>({}) },
    {
      weight: 3,
      arbitrary:
        known.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...known), anyText, { maxKeys: 2 }),
    },
    { weight: 1, arbitrary: fc.dictionary(anyText, anyText, { maxKeys: 3 }) },
  );
  const body =
    route.body === undefined
      ? fc.option(fc.constant({}), { nil: undefined })
      : fc.option(valueOf(route.body as Schema), { nil: undefined, freq: 12 });
  const raw = fc.constantFrom(
    '{',
    '[',
    '"',
    '\u0000',
    '{"a":1,"a":',
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
    'null',
    '{"__proto__":{"x":1}}',
  );
  const version = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 115 }).map((minor) => `1.${minor}`) },
    { weight: 6, arbitrary: fc.constant('1.115') },
    { weight: 1, arbitrary: fc.constantFrom(null, 'latest', '1.116', 'x', '1.1.1') },
  );
  return fc
    .record({
      params: fc.tuple(...names.map(() => anyText)),
      query,
      body,
      raw: fc.option(raw, { nil: undefined, freq: 1 }),
      useRaw: fc.nat(20),
      version,
    })
    .map((made) => {
      let i = 0;
      const path = route.path.replace(/:[a-z_]+/gi, () => encodeURIComponent(made.params[i++]?.toWellFormed() ?? 'x'));
      const search = Object.entries(made.query).map(
        ([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
      );
      const text =
        made.raw !== undefined && made.useRaw === 0
          ? made.raw
          : made.body === undefined
            ? undefined
            : JSON.stringify(made.body);
      return {
        route: route.id,
        method: route.method,
        url: search.length === 0 ? path : `${path}?${search.join('&')}`,
        version: made.version,
        body: route.method === 'GET' || route.method === 'HEAD' ? undefined : text,
      };
    });
}

/** Things the sequences start from, so that most doors have something behind them. */
const seeds: readonly [method: string, path: string, body: unknown][] = [
  ['POST', '/v1/chassis', { uuid: knownIds[0] }],
  ['POST', '/v1/nodes', { uuid: knownIds[0], name: 'node-a', driver: 'fake-hardware', resource_class: 'gold' }],
  ['POST', '/v1/nodes', { uuid: knownIds[1], name: 'node-b', driver: 'fake-hardware' }],
  ['POST', '/v1/ports', { uuid: knownIds[0], node_uuid: knownIds[0], address: '52:54:00:00:00:01' }],
  ['POST', '/v1/portgroups', { uuid: knownIds[0], node_uuid: knownIds[0], name: 'node-a' }],
  ['POST', '/v1/volume/connectors', { uuid: knownIds[0], node_uuid: knownIds[0], type: 'iqn', connector_id: 'x' }],
  [
    'POST',
    '/v1/volume/targets',
    { uuid: knownIds[0], node_uuid: knownIds[0], volume_type: 'iscsi', boot_index: 0, volume_id: 'v' },
  ],
  [
    'POST',
    '/v1/deploy_templates',
    { uuid: knownIds[0], name: 'CUSTOM_A', steps: [{ interface: 'raid', step: 'x', args: {}, priority: 1 }] },
  ],
  [
    'POST',
    '/v1/runbooks',
    { uuid: knownIds[0], name: 'CUSTOM_A', steps: [{ interface: 'raid', step: 'x', args: {}, order: 1 }] },
  ],
  ['POST', '/v1/inspection_rules', { uuid: knownIds[0], actions: [{ op: 'log', args: { msg: 'x' } }] }],
  ['POST', '/v1/allocations', { uuid: knownIds[2], name: 'node-a', resource_class: 'none' }],
  ['PUT', `/v1/nodes/${knownIds[0]}/states/provision`, { target: 'manage' }],
];

const place = scratch();
let running: Awaited<ReturnType<typeof ready>>;
let token = '';

async function shoot(shot: Shot): Promise<number> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-auth-token': token };
  if (shot.version !== null) headers['x-openstack-ironic-api-version'] = shot.version;
  const reply = await fetch(running.url + shot.url, {
    method: shot.method,
    headers,
    ...(shot.body === undefined ? {} : { body: shot.body.toWellFormed() }),
    redirect: 'manual',
    signal: AbortSignal.timeout(90_000),
  });
  await reply.arrayBuffer();
  return reply.status;
}

/** A token of the system's admin. */
async function login(url: string, password: string): Promise<string> {
  const user = { name: 'admin', password, domain: { id: 'default' } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { system: { all: true } } };
  const reply = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  expect(reply.status).toBe(201);
  return reply.headers.get('x-subject-token') ?? '';
}

beforeAll(async () => {
  const dataDir = join(place.path, 'data');
  running = await ready(dataDir, { args: ['--auth', 'keystone'], deadlineMs: 400_000 });
  token = await login(running.url, readFileSync(join(dataDir, 'admin-password'), 'utf8').trim());
  for (const [method, url, body] of seeds) {
    const status = await shoot({ route: 'seed', method, url, version: '1.115', body: JSON.stringify(body) });
    expect(status, `${method} ${url}`).toBeLessThan(300);
  }
});

afterAll(async () => {
  const { code, signal, stderr } = await running.stop();
  if (code !== 0) console.error(`the program ended with ${code ?? signal}:\n${stderr.slice(-6000)}`);
  place[Symbol.dispose]();
});

/** Deleting the admin, its token or its roles would only make the rest of the run 401s. */
const SUICIDAL = /^(user\.(update|delete|password)|token\.revoke|grant\..*\.revoke)$/;

const behind = (prefix: string, routes: readonly Route[]) =>
  routes.map((route) => ({ ...route, path: prefix + route.path }));

test.each([
  ['Bare Metal', RUNS, baremetalRoutes],
  [
    'Identity',
    RUNS,
    behind(
      '/identity',
      identityRoutes.filter((route) => !SUICIDAL.test(route.id)),
    ),
  ],
  ['Introspection', RUNS / 4, behind('/introspection', introspectionRoutes)],
] as const)(
  'no sequence of requests to %s is answered with 500',
  async (name, runs, routes) => {
    const shot = fc.constantFrom(...(routes as readonly Route[])).chain(shotsOf);
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(shot, { minLength: 1, maxLength: 8 }), async (shots) => {
        for (const one of shots) {
          const status = await shoot(one);
          seen.set(status, (seen.get(status) ?? 0) + 1);
          // A driver may say that its machine cannot do it (501), or that nobody takes the call in time (503, 504).
          expect(status === 500 || status === 502, `${one.route}: ${JSON.stringify(one)}`).toBe(false);
        }
      }),
      { numRuns: Math.ceil(runs / 5), endOnFailure: true, interruptAfterTimeLimit: 100_000 },
    );
    if (process.env['INGOT_FUZZ_SHOW']) console.log(name, Object.fromEntries([...seen].sort()));
    expect(
      [...seen.keys()].some((status) => status < 300),
      'some requests succeed',
    ).toBe(true);
    expect((await fetch(`${running.url}/healthcheck`)).status).toBe(200);
  },
  130_000,
);
