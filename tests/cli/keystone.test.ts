import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { launch, scratch, type Up, ready } from '../house/ingot.ts';

interface Cloud {
  auth: Record<string, string>;
}

const folder = scratch();
let server: Up;
let admin: Record<string, string>;
beforeAll(async () => {
  server = await ready(folder.path, { args: ['--auth', 'keystone'] });
  const file = parse(readFileSync(join(folder.path, 'clouds.yaml'), 'utf8')) as { clouds: Record<string, Cloud> };
  const auth = file.clouds['ingot']?.auth ?? {};
  admin = Object.fromEntries(Object.entries(auth).map(([name, value]) => [`OS_${name.toUpperCase()}`, value]));
});
afterAll(async () => {
  await server?.stop();
  folder[Symbol.dispose]();
});

const run = (env: Record<string, string>, ...args: string[]) => launch({ args, env }).ended;

describe('ingot with Keystone logins', () => {
  it('logs in by the file that the server wrote', async () => {
    const env = { INGOT_DATA_DIR: folder.path };
    const made = await run(env, 'baremetal', 'node', 'create', '--driver', 'fake-hardware', '--name', 'k1');
    expect(made.code, made.stderr).toBe(0);
    const wait = await run(env, 'baremetal', 'node', 'manage', 'k1', '--wait', '60');
    expect(wait.code, wait.stderr).toBe(0);
    expect(wait.stderr).toContain('k1: manageable');
  });

  it('logs in by the variables of an openrc, with a password or a token', async () => {
    const list = await run(admin, 'baremetal', 'node', 'list', '-f', 'json');
    expect(list.code, list.stderr).toBe(0);
    const token = await run(admin, 'token');
    expect(token.stdout.trim(), token.stderr).toMatch(/^[\w.-]{20,}$/);
    const byToken = {
      OS_AUTH_TYPE: 'admin_token',
      OS_TOKEN: token.stdout.trim(),
      OS_ENDPOINT: server.url,
    };
    expect(await run(byToken, 'baremetal', 'node', 'show', 'k1')).toMatchObject({ code: 0 });
    const again = { ...admin, OS_AUTH_TYPE: 'v3token', OS_TOKEN: token.stdout.trim() };
    expect(await run(again, 'baremetal', 'driver', 'list')).toMatchObject({ code: 0 });
    const all = await run(admin, 'token', '-f', 'json');
    expect(JSON.parse(all.stdout)).toMatchObject({ id: expect.any(String), expires: expect.any(String) });
  });

  it('keeps secrets out of what it prints, unless asked', async () => {
    const env = { INGOT_DATA_DIR: folder.path };
    const password = admin['OS_PASSWORD'] as string;
    for (const name of ['openrc', 'clouds-yaml']) {
      const plain = await run(env, name);
      expect(plain.stdout, plain.stderr).not.toContain(password);
      const whole = await run(env, name, '--with-secrets');
      expect(whole.stdout).toContain(password);
    }
  });

  it('tells of a wrong password, and of what is forbidden', async () => {
    const wrong = await run({ ...admin, OS_PASSWORD: 'wrong' }, 'baremetal', 'node', 'list');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/HTTP 401, request req-/);
    const explained = await run({ ...admin }, 'policy', 'explain', 'baremetal:node:delete');
    expect(explained.stdout, explained.stderr).toContain('baremetal:node:delete is');
  });
});
