import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetReader } from '#contracts/policy';
import { createIdentity, type Identity, type IdentityParts } from '#identity/index';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { openStore } from '#store/index';
import { openSealer } from '#store/seal';
import { openTestStore, type TestStore } from '#store/testing';
import { baremetalRules } from '#baremetal/api/policy';
import { type Cloud, openCloud } from './cloud.ts';

describe('the first start', () => {
  let database: TestStore;
  let dataDir: string;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    database = await openTestStore();
    dataDir = await mkdtemp(join(tmpdir(), 'ingot-first-'));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  const open = async (config: Partial<IdentityParts['config']> = {}): Promise<Identity> => {
    const store = await openStore({ databaseUrl: database.url, migrate: 'skip' });
    closing.push(() => store.close());
    const identity = await createIdentity({
      store,
      clock: systemClock,
      log: silentLog,
      sealer: await openSealer(store, dataDir, systemClock),
      rules: [baremetalRules],
      config: { strategy: 'keystone', listening: [], publicUrl: 'http://x', dataDir, ...config },
    });
    closing.push(() => identity.close());
    return identity;
  };
  const login = async (identity: Identity, password: string): Promise<boolean> => {
    const issue = identity.doors[0]?.handlers['token.issue'];
    if (issue === undefined) throw new Error('no door');
    const user = { name: 'admin', domain: { name: 'Default' }, password };
    const body = { auth: { identity: { methods: ['password'], password: { user } } } };
    const input = { params: {}, query: {}, headers: {}, body };
    try {
      return (await issue({ baseUrl: 'http://x', source: 's' } as never, input)).body !== undefined;
    } catch {
      return false;
    }
  };

  it('makes an admin with a password nobody else can read', async () => {
    const identity = await open();
    const made = await identity.bootstrap();
    const file = join(dataDir, 'admin-password');
    expect(made).toEqual({ first: true, userName: 'admin', passwordFile: file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const password = (await readFile(file, 'utf8')).trim();
    expect(password.length).toBeGreaterThanOrEqual(24);
    expect(await login(identity, password)).toBe(true);
    expect(await login(identity, `${password}x`)).toBe(false);
    expect(await identity.bootstrap()).toMatchObject({ first: false, passwordFile: null });
  });

  it('may happen in several processes at once', async () => {
    const all = await Promise.all([open(), open(), open()]);
    const made = await Promise.all(all.map((identity) => identity.bootstrap()));
    expect(made.filter((one) => one?.first)).toHaveLength(1);
    const password = (await readFile(join(dataDir, 'admin-password'), 'utf8')).trim();
    for (const identity of all) expect(await login(identity, password)).toBe(true);
  });

  it('goes on where it was cut', async () => {
    await writeFile(join(dataDir, 'admin-password'), 'kept-from-before\n', { mode: 0o644 });
    const identity = await open();
    await identity.bootstrap();
    expect((await stat(join(dataDir, 'admin-password'))).mode & 0o777).toBe(0o600);
    expect(await login(identity, 'kept-from-before')).toBe(true);
  });

  it('can be had again by who locked everybody out', async () => {
    const identity = await open();
    await identity.bootstrap();
    await database.store.query({ text: 'delete from identity_assignments' });
    await database.store.query({ text: 'delete from identity_users' });
    for (let i = 0; i < 2; i++) {
      const again = await identity.recoverAdmin();
      expect(again?.userName).toBe('admin');
      expect(await login(identity, again?.password ?? '')).toBe(true);
    }
    const roles = await database.store.query({ text: 'select project_id from identity_assignments' });
    expect(roles).toHaveLength(2);
  });

  it('does not happen with a policy that cannot be used', async () => {
    const policyFile = join(dataDir, 'policy.yaml');
    await writeFile(policyFile, '"baremetal:node:gte": "@"\n"baremetal:node:get": "role:"\n');
    await expect(open({ policyFile })).rejects.toMatchObject({ code: 'PolicyBroken' });
    await writeFile(policyFile, '"baremetal:node:get": "role:x"\n');
    const identity = await open({ policyFile });
    expect(identity.policy.rules().find((rule) => rule.name === 'baremetal:node:get')).toMatchObject({
      check: 'role:x',
      source: 'override',
    });
  });

  it('follows the policy file while it runs, and keeps the last one that could be used', async () => {
    const policyFile = join(dataDir, 'policy.json');
    await writeFile(policyFile, '{}');
    const identity = await open({ policyFile });
    const source = () => identity.policy.rules().find((rule) => rule.name === 'baremetal:node:get')?.source;
    const until = async (wanted: string) => {
      const end = systemClock.monotonic() + 10_000;
      while (source() !== wanted) {
        if (systemClock.monotonic() > end) throw new Error(`still ${source()}`);
        await systemClock.sleep(50);
      }
    };
    expect(source()).toBe('default');
    await writeFile(policyFile, '{"baremetal:node:get": "@"}');
    await until('override');
    await writeFile(policyFile, '{"baremetal:node:get": ');
    await systemClock.sleep(2_500);
    expect(source()).toBe('override');
    await writeFile(policyFile, '{}');
    await until('default');
  });
});

describe('rules for passwords', () => {
  let cloud: Cloud;
  afterEach(() => cloud.close());

  const open = async (passwords: NonNullable<IdentityParts['config']['passwords']>, parts = {}) => {
    cloud = await openCloud({ config: { passwords }, parts });
    return cloud.admin();
  };
  const change = (id: string, original_password: string, password: string) =>
    cloud.send('POST', `/v3/users/${id}/password`, null, { user: { original_password, password } });

  it('hold for length, form, history and the first login', async () => {
    const admin = await open({
      minLength: 10,
      pattern: '^(?=.*\\d)',
      patternDescription: 'it must hold a digit',
      history: 2,
      changeAtFirstUse: true,
    });
    for (const [password, why] of [
      ['short1', 'at least 10 characters'],
      ['long-but-without', 'it must hold a digit'],
    ]) {
      const reply = await cloud.send('POST', '/v3/users', admin, { user: { name: 'ann', password } });
      expect(reply.status).toBe(400);
      expect(reply.json().error.message).toContain(why);
    }
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'ann', password: 'password-0' },
    });
    const first = await cloud.login('ann', 'password-0');
    expect([first.status, first.json().error.message]).toEqual([401, expect.stringContaining('needs to be changed')]);
    expect((await change(user.id, 'password-0', 'password-1')).status).toBe(204);
    expect((await cloud.login('ann', 'password-1')).status).toBe(201);
    expect((await change(user.id, 'password-1', 'password-0')).status).toBe(400);
    expect((await change(user.id, 'password-1', 'password-2')).status).toBe(204);
    expect((await change(user.id, 'password-2', 'password-0')).status).toBe(204);
    const kept = await cloud.store.query({
      text: 'select 1 from identity_password_history where user_id = $1',
      values: [user.id],
    });
    expect(kept).toHaveLength(2);
  });

  it('let passwords end, unless a user is spared', async () => {
    const admin = await open({ expiresDays: 1, minimumAgeDays: 1 });
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'ann', password: 'password-0' },
    });
    expect(user.password_expires_at).toMatch(/Z$/);
    const { user: spared } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'bob', password: 'password-0', options: { ignore_password_expiry: true } },
    });
    expect(spared.password_expires_at).toBeNull();
    expect((await change(user.id, 'password-0', 'password-1')).status).toBe(400);
    await cloud.store.query({
      text: `update identity_users set password_expires_at = now() - interval '1 minute' where name <> 'admin'`,
    });
    const reply = await cloud.login('ann', 'password-0');
    expect([reply.status, reply.json().error.message]).toEqual([401, expect.stringContaining('is expired')]);
    expect((await cloud.login('ann', 'wrong')).json().error.message).not.toContain('expired');
    expect((await cloud.login('bob', 'password-0')).status).toBe(201);
  });

  it('explain decisions on resources one may see, by what the database says', async () => {
    const node: TargetReader = {
      read: async (id) => (id === 'n1' ? { owner: 'somebody', lessee: null } : null),
      seenBy: 'baremetal:node:get',
    };
    const admin = await open({}, { targets: { node } });
    const why = await cloud.want(
      200,
      'GET',
      '/policy/explain?rule=baremetal:node:delete&target_type=node&target=n1',
      admin,
    );
    expect(why).toMatchObject({ allowed: true, target: { owner: 'somebody', lessee: null } });
    await cloud.want(404, 'GET', '/policy/explain?rule=baremetal:node:delete&target_type=node&target=n2', admin);
    await cloud.want(201, 'POST', '/v3/users', admin, { user: { name: 'ann', password: 'password-0' } });
    const ann = await cloud.token('ann', 'password-0');
    await cloud.want(404, 'GET', '/policy/explain?rule=baremetal:node:delete&target_type=node&target=n1', ann);
    await cloud.want(200, 'GET', '/policy/explain?rule=baremetal:node:delete', ann);
  });
});
