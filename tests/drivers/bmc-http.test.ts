import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { Secret } from '#kernel/secret';
import type { HttpEffect } from '#lab/faults/effects';
import { effectsOf } from '#lab/quirks/all';
import type { BmcAccess, BmcLimits } from '#protocols/bmc-http/access';
import { BmcHttp } from '#protocols/bmc-http/client';
import { type LabMachine, labMachine, PASSWORD, USER } from './rack.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function lab(): Promise<LabMachine> {
  const made = await labMachine();
  open.push(made);
  return made;
}

function client(origin: string, more: Partial<BmcAccess> = {}, limits: Partial<BmcLimits> = {}): BmcHttp {
  const access: BmcAccess = {
    origin,
    username: USER,
    password: new Secret(PASSWORD),
    auth: 'auto',
    trust: { kind: 'none' },
    tlsMinimum: 'TLSv1.2',
    tlsCiphers: null,
    ...more,
  };
  const made = new BmcHttp({ access, limits });
  open.push(made);
  return made;
}

const SYSTEM = '/redfish/v1/Systems/1';
const get = (http: BmcHttp, link = SYSTEM) => http.request({ method: 'GET', link });
const faulty = (machine: LabMachine, effect: HttpEffect, times?: number) =>
  machine.bmc.effects.on('fault', {
    http: [{ method: ['GET'], path: '/Systems/1$', effect, ...(times === undefined ? {} : { times }) }],
  });

/** A host that is not the BMC; remembers who came. */
async function stranger(): Promise<{ url: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(request);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe('sessions', () => {
  test('one session serves many requests, few at a time, and is closed at the end', async () => {
    const machine = await lab();
    const http = client(machine.redfish.url, {}, { requests: 3 });
    await Promise.all(Array.from({ length: 30 }, () => get(http)));
    expect(machine.bmc.counters.logins).toBe(1);
    expect(machine.bmc.counters.maxConcurrent).toBeLessThanOrEqual(3);
    expect(machine.lab.machines[0]?.redfish.door.sessions.list()).toHaveLength(1);
    await http.close();
    expect(machine.lab.machines[0]?.redfish.door.sessions.list()).toHaveLength(0);
  });

  test('a session that ended is opened again, and the request goes through', async () => {
    const machine = await lab();
    const http = client(machine.redfish.url);
    await get(http);
    machine.lab.machines[0]?.redfish.door.sessions.clear();
    expect((await get(http)).status).toBe(200);
    expect(machine.bmc.counters.logins).toBe(2);
  });

  test('without sessions basic authentication is used; with sessions only, sessions', async () => {
    const none = await lab();
    none.bmc.effects.on('q', { traits: { sessionService: 'none' } });
    expect((await get(client(none.redfish.url))).status).toBe(200);
    const only = await lab();
    only.bmc.effects.on('q', effectsOf('sessions-only'));
    expect((await get(client(only.redfish.url))).status).toBe(200);
    await expect(get(client(only.redfish.url, { auth: 'basic' }))).rejects.toMatchObject({ code: 'BmcLoginRefused' });
  });

  test('full sessions fall back to basic', async () => {
    const machine = await lab();
    machine.bmc.effects.on('q', { traits: { maxSessions: 0 } });
    expect((await get(client(machine.redfish.url))).status).toBe(200);
  });

  test('a wrong password is tried once, then not again for a while', async () => {
    const machine = await lab();
    const http = client(machine.redfish.url, { password: new Secret('not-the-one') });
    for (let i = 0; i < 3; i++) await expect(get(http)).rejects.toMatchObject({ code: 'BmcLoginRefused' });
    const asked = machine.ledger.list({ kind: 'request' }).filter((one) => /Sessions/.test(one.action));
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(machine.ledger.list())).not.toContain('not-the-one');
  });
});

describe('nothing leaves the BMC', () => {
  test.each([
    'http://192.0.2.9/redfish/v1/x',
    '//192.0.2.9/redfish/v1',
    '/etc/passwd',
    '/redfish/../x',
    'https://a@b/',
  ])('the link %s is not followed', async (link) => {
    const http = client('https://127.0.0.1:1');
    await expect(get(http, link)).rejects.toMatchObject({ code: 'BmcForeignLink' });
  });

  test('a redirect elsewhere is not followed, one inside is', async () => {
    const machine = await lab();
    const other = await stranger();
    faulty(machine, { kind: 'redirect', status: 307, to: `${other.url}/redfish/v1/` });
    await expect(get(client(machine.redfish.url))).rejects.toMatchObject({ code: 'BmcForeignLink' });
    expect(other.seen).toEqual([]);
    faulty(machine, { kind: 'redirect', status: 308, to: '/redfish/v1/Systems' });
    expect((await get(client(machine.redfish.url))).body).toMatchObject({ Members: expect.any(Array) });
    faulty(machine, { kind: 'redirect', status: 302, to: SYSTEM });
    await expect(get(client(machine.redfish.url))).rejects.toThrow('redirects');
  });
});

describe('limits', () => {
  test.each([
    [{ kind: 'oversize', bytes: 3_000_000 }, 'BmcTooLarge'],
    [{ kind: 'deep', depth: 5_000 }, 'BmcTooLarge'],
    [{ kind: 'garbage' }, 'BmcBadAnswer'],
    [{ kind: 'truncate' }, 'BmcBroken'],
    [{ kind: 'hang' }, 'BmcTimeout'],
    [{ kind: 'trickle', bytesPerSecond: 50 }, 'BmcTimeout'],
    [{ kind: 'reset' }, 'BmcBroken'],
  ] as const)('%j ends as %s', async (effect, code) => {
    const machine = await lab();
    faulty(machine, effect);
    const http = client(machine.redfish.url, {}, { bodyBytes: 1_000_000, readMs: 1_000 });
    const failure: unknown = await get(http).then(
      (answer) => answer,
      (error: unknown) => error,
    );
    if (effect.kind === 'truncate' || effect.kind === 'garbage') {
      expect(['BmcBroken', 'BmcBadAnswer']).toContain((failure as { code?: string }).code);
    } else expect(failure).toMatchObject({ code });
  });

  test('a read that was cut is asked again', async () => {
    const machine = await lab();
    faulty(machine, { kind: 'reset' }, 1);
    expect((await get(client(machine.redfish.url))).status).toBe(200);
  });

  test('connections that the BMC drops silently do no harm', async () => {
    const machine = await lab();
    machine.bmc.effects.on('q', { traits: { closesAfter: 2 } });
    const http = client(machine.redfish.url);
    for (let i = 0; i < 10; i++) expect((await get(http)).status).toBe(200);
  });

  test('a dead BMC is left alone after a few attempts', async () => {
    const http = client('https://127.0.0.1:1', {}, { failures: 3, retries: 0 });
    for (let i = 0; i < 3; i++) await expect(get(http)).rejects.toMatchObject({ code: 'BmcUnreachable', status: 503 });
    await expect(get(http)).rejects.toMatchObject({ code: 'BmcResting' });
  });

  test('a write whose right is lost while it waits for the connection is not sent', async () => {
    const machine = await lab();
    const http = client(machine.redfish.url);
    await get(http);
    const lost = new IngotError('LeaseLost', 503, 'lost');
    const reset = `${SYSTEM}/Actions/ComputerSystem.Reset`;
    const beforeWrite = () => {
      throw lost;
    };
    const write = http.request({ method: 'POST', link: reset, body: { ResetType: 'On' }, beforeWrite });
    await expect(write).rejects.toBe(lost);
    expect(machine.ledger.list({ kind: 'request' }).filter((one) => /Reset/.test(one.action))).toEqual([]);
  });
});

describe('connections', () => {
  const quiet = { username: null, password: null, auth: 'none' } as const;
  const post = (http: BmcHttp, beforeWrite = () => {}) =>
    http.request({ method: 'POST', link: `${SYSTEM}/Actions/ComputerSystem.Reset`, body: {}, beforeWrite });

  test('what comes one after the other has one; a write after some quiet seconds a new one', async () => {
    const bmc = await stranger();
    const http = client(bmc.url, quiet);
    let asked = 0;
    for (let i = 0; i < 3; i++) {
      await get(http);
      await post(http, () => void asked++);
    }
    const sockets = () => new Set(bmc.seen.map((request) => request.socket)).size;
    // The first write trusts no connection that has answered once.
    expect([sockets(), asked]).toEqual([2, 3]);
    await systemClock.sleep(2_100);
    await get(http);
    expect(sockets()).toBe(2);
    await systemClock.sleep(2_100);
    await post(http);
    expect(sockets()).toBe(3);
  });

  test('a write never goes over one that the BMC has closed', async () => {
    const bmc = await stranger();
    const http = client(bmc.url, quiet);
    for (let i = 1; i <= 3; i++) {
      await get(http);
      bmc.seen.at(-1)?.socket.destroy();
      await systemClock.sleep(50);
      expect((await post(http)).status).toBe(200);
      expect(bmc.seen.filter((request) => request.method === 'POST')).toHaveLength(i);
    }
  });
});

describe('certificates', () => {
  test('one nobody signed is refused; its file, its pin or none let it in', async () => {
    const machine = await lab();
    const { url } = machine.redfish;
    const untrusted = { code: 'BmcNotTrusted', status: 502 };
    await expect(get(client(url, { trust: { kind: 'system' } }))).rejects.toMatchObject(untrusted);
    const first = client(url, { trust: { kind: 'pin', fingerprint: null } });
    expect((await get(first)).status).toBe(200);
    expect(first.pin).toMatch(/^[0-9a-f]{64}$/);
    await first.close(); // and a new connection shows its certificate again
    expect((await get(first)).status).toBe(200);
    const dir = await mkdtemp(join(tmpdir(), 'ingot-test-'));
    const path = join(dir, 'ca.pem');
    const server = machine.lab.machines[0]?.redfish;
    await writeFile(path, server?.certificates.pem(undefined) ?? '');
    expect((await get(client(url, { trust: { kind: 'file', path } }))).status).toBe(200);
    await rm(dir, { recursive: true });
    // a BMC that shows another certificate than the one it was known by
    machine.bmc.effects.on('renewed', { link: { certificate: 'renewed' } });
    const pinned = client(url, { trust: { kind: 'pin', fingerprint: first.pin } });
    await expect(get(pinned)).rejects.toMatchObject(untrusted);
    expect(machine.bmc.counters.logins).toBe(3);
  });
});
