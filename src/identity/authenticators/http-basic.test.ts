import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createHasher, type PasswordHasher } from '../passwords/hash.ts';
import { httpBasicAuthenticator, parseBasic, parseHtpasswd } from './http-basic.ts';
import { isLoopback, noneAuthenticator } from './none.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('http_basic', () => {
  let folder: string;
  let file: string;
  const line = (user: string, password: string) => `${user}:${bcrypt.hashSync(password, 4)}\n`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ingot-htpasswd-'));
    file = join(folder, 'htpasswd');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = async (hasher: PasswordHasher = createHasher()) => {
    const clock = manualClock();
    return { clock, auth: await httpBasicAuthenticator({ file, clock, log: silentLog, hasher }) };
  };

  it('knows the users of the file, remembers a right password, and makes them admin', async () => {
    await writeFile(file, line('ann', 'secret:with:colons'));
    let hashed = 0;
    const real = createHasher();
    const { auth } = await open({ ...real, verify: (p, h) => (hashed++, real.verify(p, h)) });
    for (let i = 0; i < 3; i++) {
      const caller = await auth.authenticate(basic('ann:secret:with:colons'), 's');
      expect(caller).toMatchObject({ userName: 'ann', system: true });
      expect(caller.roles.has('admin')).toBe(true);
    }
    expect(hashed).toBe(1);
    await expect(auth.authenticate(basic('ann:wrong'), 's')).rejects.toMatchObject({ status: 401 });
    await expect(auth.authenticate(basic('bob:secret'), 's')).rejects.toMatchObject({ status: 401 });
    expect(auth.challenge).toBe('Basic realm="Baremetal API"');
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    'Basic !!!!',
    'Basic YTpi, Basic YTpi',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`,
    `Basic ${'A'.repeat(100_000)}`,
    ['Basic YTpi', 'Basic YTpi'],
  ])('refuses the header %s', async (authorization) => {
    expect(parseBasic(authorization)).toBeNull();
    const { auth } = await open();
    expect(() => auth.authenticate(authorization === undefined ? {} : { authorization }, 's')).toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });

  it('takes no notice of identity headers', async () => {
    const { auth } = await open();
    const spoofed = { 'x-user-id': 'admin', 'x-roles': 'admin', 'x-auth-token': 'x', 'x-identity-status': 'Confirmed' };
    expect(() => auth.authenticate(spoofed, 's')).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('follows the file, and keeps the users when it is broken', async () => {
    await writeFile(file, line('ann', 'one'));
    await chmod(file, 0o600);
    const { auth, clock } = await open();
    await auth.authenticate(basic('ann:one'), 's');
    await writeFile(file, line('ann', 'two') + line('bob', 'three'));
    await clock.advance(1_001);
    await expect(auth.authenticate(basic('ann:one'), 's')).rejects.toMatchObject({ status: 401 });
    await auth.authenticate(basic('bob:three'), 's');
    await writeFile(file, 'ann:plain text password\n');
    await clock.advance(1_001);
    await auth.authenticate(basic('ann:two'), 's');
  });

  it('names the line of a mistake and never its secret', () => {
    for (const bad of ['ann:hunter2', 'hunter2', ':hunter2', 'ann:$apr1$hunter2', 'ann:{SHA}hunter2']) {
      expect(() => parseHtpasswd('f', `# users\n${bad}`)).toThrow(/f line 2/);
      expect(() => parseHtpasswd('f', bad)).not.toThrow(/hunter2/);
    }
    expect(() => parseHtpasswd('f', line('a', 'x') + line('a', 'y'))).toThrow('there twice');
  });

  it('does not start without its file', async () => {
    await expect(
      httpBasicAuthenticator({
        file: join(folder, 'no'),
        clock: manualClock(),
        log: silentLog,
        hasher: createHasher(),
      }),
    ).rejects.toMatchObject({ code: 'ConfigInvalid' });
  });

  it('slows down guessing', async () => {
    await writeFile(file, line('ann', 'one'));
    const { auth } = await open();
    const codes = [];
    for (let i = 0; i < 7; i++)
      codes.push(await Promise.resolve(auth.authenticate(basic('ann:no'), 's')).catch((e) => e.status));
    expect(codes).toEqual([401, 401, 401, 401, 401, 429, 429]);
    await auth.authenticate(basic('ann:one'), 'elsewhere');
  });
});

describe('none', () => {
  it('is for loopback only, unless forced, and is loud', () => {
    const said: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, message: string) => void said.push(message) };
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'])
      expect(isLoopback(host)).toBe(true);
    for (const host of [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '',
      '1270.0.0.1',
    ]) {
      expect(isLoopback(host)).toBe(false);
      expect(() => noneAuthenticator({ listening: ['127.0.0.1', host], force: false, log })).toThrow(
        'may only listen on loopback',
      );
    }
    noneAuthenticator({ listening: ['0.0.0.0'], force: true, log });
    const auth = noneAuthenticator({ listening: ['127.0.0.1'], force: false, log });
    expect(said[0]).toContain('NO AUTHENTICATION');
    expect(said[0]).toContain('reachable from the network');
    expect(auth.authenticate({}, 's')).toMatchObject({ system: true, userId: 'admin' });
  });
});
