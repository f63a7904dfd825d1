import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseAuth } from './auth/choose.ts';
import { findCloud } from './cloud.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-clouds-'));
  writeFileSync(
    join(folder, 'clouds.yaml'),
    [
      'clouds:',
      '  one:',
      '    auth_type: v3applicationcredential',
      '    auth: {auth_url: "http://ks/v3", application_credential_id: a, application_credential_secret: s}',
      '    region_name: north',
      '    verify: false',
      '  two: {auth_type: none, baremetal_endpoint_override: "http://bm:6385"}',
      '',
    ].join('\n'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const find = (env: Record<string, string>, name?: string, lastResort: string[] = []) =>
  findCloud({ env, name, cwd: folder, home: folder, lastResort });

describe('findCloud', () => {
  it('reads a cloud by name', async () => {
    expect(await find({ OS_CLOUD: 'one', OS_PASSWORD: 'ignored' })).toMatchObject({
      name: 'one',
      type: 'v3applicationcredential',
      region: 'north',
      verify: false,
    });
    expect(await find({}, 'two')).toMatchObject({ endpoint: 'http://bm:6385' });
    await expect(find({}, 'three')).rejects.toThrow('There is no cloud "three"');
  });

  it('reads the environment', async () => {
    const cloud = await find({ OS_AUTH_URL: 'http://ks/v3', OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'x' });
    expect(cloud).toMatchObject({ name: null, values: { username: 'u', project_name: 'x' }, interface: 'public' });
  });

  it('takes a last resort only when it leaves no doubt', async () => {
    expect(await find({})).toBeUndefined();
    expect(await find({}, undefined, [join(folder, 'clouds.yaml')])).toBeUndefined();
    const single = join(folder, 'single.yaml');
    writeFileSync(single, 'clouds: {ingot: {auth_type: none, auth: {endpoint: "http://x"}}}');
    expect(await find({}, undefined, [single])).toMatchObject({ name: 'ingot' });
    writeFileSync(single, 'nonsense: [');
    await expect(find({}, undefined, [single])).rejects.toThrow('is no clouds.yaml');
  });
});

describe('chooseAuth', () => {
  const choose = (type: string | undefined, values: Record<string, string>, endpoint?: string) =>
    chooseAuth({ type, values, endpoint });

  it('says what is missing', () => {
    expect(() => choose('password', { auth_url: 'http://ks' })).toThrow('user_id is needed');
    expect(() => choose('none', {})).toThrow('endpoint is needed');
    expect(() => choose('saml', {})).toThrow('"saml" is not known');
  });

  it('logs in with a name and a password on each request', async () => {
    const auth = choose('http_basic', { username: 'a', password: 'ü:' }, 'http://bm/');
    const tools = { fetch: () => Promise.reject(new Error('never')), now: () => 0, timeoutMs: 1 };
    expect(await auth.headers(tools)).toEqual({ Authorization: `Basic ${Buffer.from('a:ü:').toString('base64')}` });
    expect(await auth.endpoint({ serviceType: 'baremetal', region: '', interface: 'public' }, tools)).toBe('http://bm');
  });

  it('logs in to Keystone once, and finds the service in its catalog', async () => {
    const asked: unknown[] = [];
    const tools = {
      now: () => Date.parse('2026-01-01T00:00:00Z'),
      timeoutMs: 1000,
      fetch: (url: string, init: RequestInit) => {
        asked.push([url, JSON.parse(String(init.body))]);
        const endpoints = [
          { interface: 'admin', region: 'north', url: 'http://admin' },
          { interface: 'public', region: 'south', url: 'http://south' },
          { interface: 'public', region: 'north', url: 'http://north/' },
        ];
        const token = { expires_at: '2026-01-01T01:00:00Z', catalog: [{ type: 'baremetal', endpoints }] };
        return Promise.resolve(
          new Response(JSON.stringify({ token }), { status: 201, headers: { 'X-Subject-Token': 't1' } }),
        );
      },
    };
    const values = { auth_url: 'http://ks', username: 'u', password: 'p', project_name: 'x', project_domain_name: 'D' };
    const auth = choose(undefined, values);
    const wish = { serviceType: 'baremetal', region: 'north', interface: 'public' };
    expect(await Promise.all([auth.headers(tools), auth.endpoint(wish, tools)])).toEqual([
      { 'X-Auth-Token': 't1' },
      'http://north',
    ]);
    expect(asked).toEqual([
      [
        'http://ks/v3/auth/tokens',
        {
          auth: {
            identity: {
              methods: ['password'],
              password: { user: { name: 'u', domain: { id: 'default' }, password: 'p' } },
            },
            scope: { project: { name: 'x', domain: { name: 'D' } } },
          },
        },
      ],
    ]);
    await expect(auth.endpoint({ ...wish, serviceType: 'image' }, tools)).rejects.toThrow('has no image service');
  });
});
