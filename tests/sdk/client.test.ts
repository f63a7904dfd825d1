import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baremetal, bind, type Bound, type Client, type Cloud, connect, findCloud, identity, pages } from '#sdk/index';
import { readEvents, SdkError, waitFor } from '#sdk/index';
import { root, scratch, type Up, ready } from '../house/ingot.ts';

const folder = scratch();
let server: Up;
let cloud: Cloud;
let client: Client;
let api: Bound<typeof baremetal>;
beforeAll(async () => {
  server = await ready(folder.path, { args: ['--auth', 'keystone'] });
  const file = join(folder.path, 'clouds.yaml');
  cloud = (await findCloud({
    env: {},
    cwd: folder.path,
    home: folder.path,
    name: 'ingot',
    lastResort: [file],
  })) as Cloud;
  client = await connect(cloud);
  api = bind(baremetal, client.baremetal);
});
afterAll(async () => {
  await server?.stop();
  folder[Symbol.dispose]();
});

describe('the SDK against a running server with Keystone logins', () => {
  it('calls operations by name, with types', async () => {
    const node = await api.nodeCreate({ body: { driver: 'fake-hardware', name: 's1' } });
    expect(node.provision_state).toBe('enroll');
    const { nodes } = await api.nodeList({ query: { fields: ['name'] } });
    expect(nodes.map(({ name }) => name)).toEqual(['s1']);
    const people = await bind(identity, client.identity).userList();
    expect(people).toHaveProperty('users');
  });

  it('logs in by an application credential', async () => {
    const { system_scope: _system, ...login } = cloud.values;
    const scoped = await connect({
      ...cloud,
      values: { ...login, project_name: 'admin', project_domain_name: 'Default' },
    });
    const { userId } = await scoped.token();
    const made = (await scoped.identity.loose(identity.applicationCredentialCreate, {
      params: { user_id: userId as string },
      body: { application_credential: { name: 'robot' } },
    })) as { application_credential: { id: string; secret: string } };
    const { id, secret } = made.application_credential;
    const robot = await connect({
      ...cloud,
      type: 'v3applicationcredential',
      values: {
        auth_url: cloud.values['auth_url'],
        application_credential_id: id,
        application_credential_secret: secret,
      },
    });
    expect((await bind(baremetal, robot.baremetal).nodeShow({ params: { node_ident: 's1' } })).name).toBe('s1');
  });

  it('walks pages, tells errors, hears events and waits', async () => {
    for (const name of ['s2', 's3', 's4']) await api.nodeCreate({ body: { driver: 'fake-hardware', name } });
    const names: unknown[] = [];
    for await (const row of pages(client.baremetal, baremetal.nodeList, { query: { limit: 2 } }, { key: 'nodes' })) {
      names.push(row['name']);
    }
    expect([...names].sort()).toEqual(['s1', 's2', 's3', 's4']);

    const missing = api.nodeShow({ params: { node_ident: 'nobody' } });
    await expect(missing).rejects.toBeInstanceOf(SdkError);
    await expect(missing).rejects.toMatchObject({ status: 404, requestId: expect.stringMatching(/^req-/) });

    const stop = new AbortController();
    const heard = (async () => {
      for await (const event of readEvents(client.operations, { topics: ['nodes'], signal: stop.signal })) {
        if (event.event === 'nodes' && event.data.includes('"manageable"')) return true;
      }
      return false;
    })();
    await api.nodeStatesProvision({ params: { node_ident: 's1' }, body: { target: 'manage' } });
    const last = await waitFor({
      connection: client.baremetal,
      events: client.operations,
      topic: 'nodes',
      operation: baremetal.nodeShow,
      params: { node_ident: 's1' },
      judge: (facts) => ({ done: facts['provision_state'] === 'manageable' }),
      timeoutMs: 30_000,
    });
    expect(last['power_state']).toBe('power off');
    expect(await heard).toBe(true);
    stop.abort();
  });

  it('is made of what the server serves: the OpenAPI documents are those of the repository', async () => {
    const list = (await (await fetch(`${server.url}/docs/api`)).json()) as { name: string }[];
    const files = readdirSync(join(root, 'openapi')).map((file) => file.replace(/\.json$/, ''));
    // Pages for browsers are no API: they have no file.
    const apis = list.filter(({ name }) => name !== 'console-pages');
    expect(apis.map(({ name }) => name).sort()).toEqual(files.sort());
    for (const { name } of apis) {
      const served: unknown = await (await fetch(`${server.url}/docs/api/${name}`)).json();
      expect(served, name).toEqual(JSON.parse(readFileSync(join(root, 'openapi', `${name}.json`), 'utf8')));
    }
    const page = await (await fetch(`${server.url}/docs`)).text();
    // Nothing is loaded from anywhere else.
    expect(page).not.toMatch(/(src|href)=["'](https?:)?\/\//);
  });
});
