import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '#kernel/run';
import { scratch, type Up, ready } from '../../house/ingot.ts';

// An Ingot that joins Debian's own Keystone (22, Fernet tokens, SQLite): whom that knows may call, as what it says.

const PYTHON = '/usr/bin/python3';
const installed = existsSync('/usr/lib/python3/dist-packages/keystone') && existsSync('/usr/bin/openstack');
const place = scratch();
let keystone: ChildProcess | undefined;
let theirs = '';
let ours: Up;
const admin = { name: 'admin', domain: { id: 'default' }, password: 'keystone-password' };

beforeEach((context) => context.skip(!installed, 'because keystone is not installed'));
beforeAll(async () => {
  if (!installed) return;
  const port = await freePort();
  theirs = `http://127.0.0.1:${port}/v3`;
  const folder = join(place.path, 'keystone');
  mkdirSync(folder);
  const answers = startKeystone(folder, port);
  answers.catch(() => {}); // told below
  // It need not be there when we start.
  ours = await ready(join(place.path, 'data'), {
    args: ['--auth', 'keystone'],
    env: {
      INGOT_AUTH_KEYSTONE_URL: theirs,
      INGOT_AUTH_KEYSTONE_USER: 'ironic',
      INGOT_AUTH_KEYSTONE_PASSWORD: 'ironic-password',
      INGOT_AUTH_KEYSTONE_PROJECT: 'service',
    },
    deadlineMs: 400_000,
  });
  await answers;
}, 300_000);
afterAll(async () => {
  keystone?.kill('SIGTERM');
  if (installed) await ours.stop();
  place[Symbol.dispose]();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function startKeystone(folder: string, port: number): Promise<void> {
  keystone = spawn(PYTHON, [join(import.meta.dirname, 'serve.py'), folder, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  return new Promise((resolve, reject) => {
    keystone?.stderr?.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-5_000);
    });
    keystone?.stdout?.on('data', (part: Buffer) => {
      if (part.toString().includes('ready')) resolve();
    });
    keystone?.on('exit', (code) => reject(new Error(`keystone ended with ${code}: ${said}`)));
  });
}

interface Answer {
  status: number;
  token: string | null;
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

async function ask(method: string, url: string, token?: string, body?: object, more = {}): Promise<Answer> {
  const reply = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-openstack-ironic-api-version': '1.115',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return {
    status: reply.status,
    token: reply.headers.get('x-subject-token'),
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

async function login(identity: object, scope?: object): Promise<string> {
  const { status, token, body } = await ask('POST', `${theirs}/auth/tokens`, undefined, { auth: { identity, scope } });
  expect(status, JSON.stringify(body)).toBe(201);
  return token ?? '';
}

const byPassword = (user: object, scope?: object) => login({ methods: ['password'], password: { user } }, scope);

/** Asks Keystone for something that must succeed. */
async function made(token: string, method: string, path: string, body?: object): Promise<Answer['body']> {
  const answer = await ask(method, theirs + path, token, body);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

test("callers are whom Debian's Keystone knows, and may what their roles there say", async () => {
  const nodes = `${ours.url}/v1/nodes`;
  const system = await byPassword(admin, { system: { all: true } });
  // Nobody there knows us yet, so nobody can be asked about anybody.
  expect((await ask('GET', nodes, system)).status).toBe(503);

  const { roles } = await made(system, 'GET', '/roles');
  const role = (name: string) => (roles as { id: string; name: string }[]).find((one) => one.name === name)?.id ?? '';
  const project = async (name: string) =>
    (await made(system, 'POST', '/projects', { project: { name, domain_id: 'default' } })).project.id as string;
  const user = async (name: string) => {
    const body = { user: { name, password: `${name}-password`, domain_id: 'default' } };
    return (await made(system, 'POST', '/users', body)).user.id as string;
  };
  const [service, lab, other] = [await project('service'), await project('lab'), await project('other')];
  const [ironic, ann] = [await user('ironic'), await user('ann')];
  await made(system, 'PUT', `/projects/${service}/users/${ironic}/roles/${role('admin')}`);
  for (const id of [lab, other]) await made(system, 'PUT', `/projects/${id}/users/${ann}/roles/${role('member')}`);

  // The operator, by system scope.
  for (const [name, owner] of [
    ['mine', lab],
    ['theirs', other],
    ['nobodys', null],
  ]) {
    const created = await ask('POST', nodes, system, { name, driver: 'fake-hardware', owner });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
  }
  // A project's member: its own machines, and no new ones.
  const asAnn = { id: ann, password: 'ann-password' };
  const member = await byPassword(asAnn, { project: { id: lab } });
  const listed = await ask('GET', nodes, member);
  expect(listed.body.nodes.map((node: { name: string }) => node.name)).toEqual(['mine']);
  expect((await ask('GET', `${nodes}/theirs`, member)).status).toBe(404);
  expect((await ask('POST', nodes, member, { driver: 'fake-hardware' })).status).toBe(403);
  // The same person in another project.
  const elsewhere = await byPassword(asAnn, { project: { id: other } });
  expect((await ask('GET', nodes, elsewhere)).body.nodes.map((node: { name: string }) => node.name)).toEqual([
    'theirs',
  ]);
  // No scope, no rights; no token, or one of nobody's: where to log in.
  expect((await ask('GET', nodes, await byPassword(asAnn, 'unscoped' as never))).status).toBe(403);
  for (const token of [undefined, 'nonsense', `${member.slice(0, -4)}AAAA`]) {
    expect((await ask('GET', nodes, token)).status).toBe(401);
  }

  // An application credential, for one kind of request only.
  const credential = await made(member, 'POST', `/users/${ann}/application_credentials`, {
    application_credential: {
      name: 'look',
      access_rules: [{ service: 'baremetal', method: 'GET', path: '/v1/nodes' }],
    },
  });
  const { id, secret } = credential.application_credential;
  const narrow = await login({
    methods: ['application_credential'],
    application_credential: { id, secret },
  });
  expect((await ask('GET', nodes, narrow)).status).toBe(200);
  expect((await ask('GET', `${nodes}/mine`, narrow)).status).toBe(401);

  // A token taken back, which was never asked about before, and one of a user who was shut out.
  const gone = await byPassword(asAnn, { project: { id: lab } });
  expect((await ask('DELETE', `${theirs}/auth/tokens`, gone, undefined, { 'x-subject-token': gone })).status).toBe(204);
  expect((await ask('GET', nodes, gone)).status).toBe(401);

  // Debian's command finds us by Keystone's catalog.
  const { service: listedService } = await made(system, 'POST', '/services', {
    service: { type: 'baremetal', name: 'ironic' },
  });
  await made(system, 'POST', '/endpoints', {
    endpoint: { service_id: listedService.id, interface: 'public', region_id: 'RegionOne', url: ours.url },
  });
  const { stdout } = await run('/usr/bin/openstack', ['baremetal', 'node', 'list', '-f', 'json'], {
    timeoutMs: 110_000,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: place.path,
      LANG: 'C.UTF-8',
      OS_AUTH_URL: theirs,
      OS_USERNAME: 'ann',
      OS_PASSWORD: 'ann-password',
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_NAME: 'lab',
      OS_PROJECT_DOMAIN_ID: 'default',
    },
  });
  expect(JSON.parse(stdout)).toMatchObject([{ Name: 'mine' }]);
}, 300_000);
