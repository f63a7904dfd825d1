import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Launched, root, scratch, ready } from '../../house/ingot.ts';
import { CASE_COUNT, CRASH_CASES } from './cases.ts';
import { client, conductor, isAgain } from './cloud.ts';

// The crash cases by name: what once was answered with 500 elsewhere. An API and a conductor in a process each, so
// that everything between the two goes the long way.

const place = scratch();
const dataDir = join(place.path, 'data');
let running: Awaited<ReturnType<typeof ready>>;
let worker: Launched;
let api: ReturnType<typeof client>;

/** Names of the tests in this file, as they are declared. */
const here = new Set<string>();
function proves(name: keyof typeof CRASH_CASES, work: () => Promise<void>): void {
  here.add(name);
  test(`${name}`, work, 200_000);
}

const MANAGEABLE: [string, string] = ['manage', 'manageable'];
const AVAILABLE: [string, string] = ['provide', 'available'];
const ACTIVE: [string, string] = ['active', 'active'];
/** What a driver may say that PostgreSQL cannot hold, and so long that whoever cuts it may cut a character in two. */
const UNSPEAKABLE = `nul \u0000 then quote " backslash \\ line\nbreak ${'\u{1f9f1}'.repeat(5_000)} end`;
const startConductor = () =>
  conductor(
    dataDir,
    `[fake.fail]
"management.inject_nmi" = ${JSON.stringify(UNSPEAKABLE)}
"raid.delete_configuration" = ${JSON.stringify(`-${UNSPEAKABLE}`)}
`,
  );
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

/** Everything that can be read, with nothing behind most of it. */
const READS = [
  '/',
  '/v1',
  '/v1/nodes',
  '/v1/nodes/detail',
  '/v1/ports',
  '/v1/portgroups',
  '/v1/chassis',
  '/v1/volume/connectors',
  '/v1/volume/targets',
  '/v1/drivers',
  '/v1/drivers/fake-hardware',
  '/v1/drivers/fake-hardware/properties',
  '/v1/drivers/fake-hardware/vendor_passthru/methods',
  '/v1/conductors',
  '/v1/allocations',
  '/v1/deploy_templates',
  '/v1/runbooks',
  '/v1/inspection_rules',
  '/v1/shards',
  '/v1/lookup?addresses=52:54:00:00:00:01',
  '/introspection/v1/introspection',
];

beforeAll(async () => {
  running = await ready(dataDir, {
    args: ['--role', 'api', '--log-level', 'debug'],
    // A call that nobody answers, since its conductor was killed, is waited for so long.
    env: { INGOT_BAREMETAL_DRIVER_CALL_DEADLINE_S: '10' },
    deadlineMs: 400_000,
  });
  api = client(running.url);
}, 120_000);
afterAll(async () => {
  for (const one of [worker, running]) {
    one?.child.kill('SIGTERM');
    await one?.ended;
  }
  place[Symbol.dispose]();
});

describe('with no conductor yet', () => {
  proves('API up before any conductor', async () => {
    for (const path of READS) {
      const { status, text } = await api.ask('GET', path);
      expect(status === 200 || status === 404, `${path}: ${status} ${text}`).toBe(true);
    }
    const refused = await api.ask('POST', '/v1/nodes', { driver: 'fake-hardware' });
    // Nobody to ask which drivers there are: try again.
    expect(refused.status, refused.text).toBe(503);
    expect((await api.ask('POST', '/v1/allocations', { resource_class: 'gold' })).status).toBe(201);
  });
});

describe('with a conductor', () => {
  beforeAll(async () => {
    worker = await startConductor();
    await vi.waitFor(() => api.want(200, 'GET', '/v1/drivers/fake-hardware'), { timeout: 60_000, interval: 100 });
  }, 120_000);
  beforeEach(async (context) => {
    if (!isAgain(context)) return;
    if (worker.child.exitCode !== null || worker.child.signalCode !== null) worker = await startConductor();
    await api.clear();
  }, 120_000);

  proves('PATCH protected with null', async () => {
    const node = await api.node('protected', {}, MANAGEABLE, AVAILABLE, ACTIVE);
    await api.want(200, 'PATCH', `/v1/nodes/${node}`, replace('/protected', true));
    await api.want(200, 'PATCH', `/v1/nodes/${node}`, replace('/protected_reason', 'mine'));
    for (const patch of [replace('/protected', null), [{ op: 'remove', path: '/protected' }]]) {
      const { status, text } = await api.ask('PATCH', `/v1/nodes/${node}`, patch);
      expect([200, 400], text).toContain(status);
    }
    const after = await api.want(200, 'GET', `/v1/nodes/${node}`);
    expect(typeof after['protected']).toBe('boolean');
  });

  proves('node delete while it has an allocation', async () => {
    const node = await api.node('allocated', { resource_class: 'crash' }, MANAGEABLE, AVAILABLE);
    const allocation = await api.want(201, 'POST', '/v1/allocations', { resource_class: 'crash', name: 'crash-1' });
    await expect
      .poll(async () => (await api.ask('GET', `/v1/allocations/${String(allocation['uuid'])}`)).body['state'])
      .toBe('active');
    const refused = await api.ask('DELETE', `/v1/nodes/${node}`);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('instance')]);
    await api.want(204, 'DELETE', '/v1/allocations/crash-1');
    await api.want(204, 'DELETE', `/v1/nodes/${node}`);
  });

  proves('unknown sort_key', async () => {
    for (const path of READS.filter((one) => /^\/v1\/(?!drivers|lookup|shards)[a-z_/]+$/.test(one))) {
      for (const key of ['colour', 'links', "'; drop table nodes", '__proto__', '']) {
        const { status, text } = await api.ask('GET', `${path}?sort_key=${encodeURIComponent(key)}`);
        expect([path, key, status], text).toEqual([path, key, 400]);
      }
    }
  });

  proves('VIF list on the noop network interface', async () => {
    const node = await api.node('no-network', { network_interface: 'noop' });
    expect(await api.want(200, 'GET', `/v1/nodes/${node}/vifs`)).toEqual({ vifs: [] });
    await api.want(204, 'POST', `/v1/nodes/${node}/vifs`, { id: 'b9a34d22-9b54-4cb5-b5ad-b0a6a1b6ca11' });
    const { status } = await api.ask('DELETE', `/v1/nodes/${node}/vifs/b9a34d22-9b54-4cb5-b5ad-b0a6a1b6ca11`);
    expect(status).toBe(204);
  });

  proves('port MAC update on an active node', async () => {
    const node = await api.node('live-port', {}, MANAGEABLE, AVAILABLE, ACTIVE);
    const port = await api.want(201, 'POST', '/v1/ports', { node_uuid: node, address: '52:54:00:cc:00:01' });
    const patch = replace('/address', '52:54:00:cc:00:02');
    // Ironic's release note says 400; its code has always answered with InvalidState, which is a Conflict: 409.
    const refused = await api.ask('PATCH', `/v1/ports/${String(port['uuid'])}`, patch);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('Cannot update hardware address')]);
    await api.want(202, 'PUT', `/v1/nodes/${node}/maintenance`, { reason: 'new NIC' });
    const changed = await api.want(200, 'PATCH', `/v1/ports/${String(port['uuid'])}`, patch);
    expect(changed['address']).toBe('52:54:00:cc:00:02');
  });

  proves('validation failure before inspect', async () => {
    // As Ironic since that fix: 400 at once, and the node stays where it was.
    const bare = await api.node('no-address', {}, MANAGEABLE);
    await api.want(200, 'PATCH', `/v1/nodes/${bare}?reset_interfaces=true`, replace('/driver', 'redfish'));
    const none = await api.node('no-inspect', { inspect_interface: 'no-inspect' }, MANAGEABLE);
    for (const [node, said] of [
      [bare, /redfish_address/],
      [none, /inspect/],
    ] as const) {
      const { status, text } = await api.ask('PUT', `/v1/nodes/${node}/states/provision`, { target: 'inspect' });
      expect([status, text]).toEqual([400, expect.stringMatching(said)]);
      const after = await api.want(200, 'GET', `/v1/nodes/${node}`);
      expect([after['provision_state'], after['reservation']]).toEqual(['manageable', null]);
    }
  });

  proves('errors that hold what cannot be serialised, across processes', async () => {
    // From a client such text is refused where it enters, and nothing of the request is kept.
    for (const text of ['nul \u0000', 'lone \ud800']) {
      const body = { driver: 'fake-hardware', name: 'odd', extra: { text } };
      const { status, text: said } = await api.ask('POST', '/v1/nodes', body);
      expect([status, said]).toEqual([400, expect.stringContaining('error_message')]);
    }
    expect((await api.ask('GET', '/v1/nodes/odd')).status).toBe(404);
    // From a driver it comes all the same: through the database to the API, and into the node's history.
    const node = await api.node('odd-errors', {}, MANAGEABLE);
    const nmi = await api.ask('PUT', `/v1/nodes/${node}/management/inject_nmi`, {});
    // A BMC that fails is no fault of ours; a 5xx says no more, what it said is in the log.
    expect([nmi.status, Object.keys(nmi.body)], nmi.text).toEqual([502, ['error_message']]);
    const clean_steps = [{ interface: 'raid', step: 'delete_configuration' }];
    await api.want(202, 'PUT', `/v1/nodes/${node}/states/provision`, { target: 'clean', clean_steps });
    const state = async () => (await api.want(200, 'GET', `/v1/nodes/${node}`))['provision_state'];
    await expect.poll(state, { timeout: 60_000, interval: 50 }).toBe('clean failed');
    const { last_error: last } = await api.want(200, 'GET', `/v1/nodes/${node}`);
    expect(last).toMatch(/nul .{0,2}then quote " backslash \\ line\nbreak \u{1f9f1}{100}/u);
    expect((last as string).isWellFormed()).toBe(true);
    const { history } = await api.want(200, 'GET', `/v1/nodes/${node}/history?detail=true`);
    expect(JSON.stringify(history)).toContain('then quote');
  });

  proves('inventory that is not stored', async () => {
    const node = await api.node('no-inventory', {});
    expect((await api.ask('GET', `/v1/nodes/${node}/inventory`)).status).toBe(404);
    expect((await api.ask('GET', `/introspection/v1/introspection/${node}/data`)).status).toBe(404);
  });

  proves('errors of no library while a BMC resource is validated', async () => {
    // Nobody listens there; nobody can, there; and what was given is no address at all.
    for (const [name, redfish_address] of [
      ['closed', 'http://127.0.0.1:9'],
      ['nonsense', 'http://[::1]:0'],
      ['scheme', 'gopher://x'],
    ] as const) {
      const info = { redfish_address, redfish_username: 'a', redfish_password: 'b' };
      const made = await api.ask('POST', '/v1/nodes', { driver: 'redfish', name: `bmc-${name}`, driver_info: info });
      if (made.status === 400) continue;
      const node = String(made.body['uuid']);
      for (const [method, path, body] of [
        ['GET', 'validate', undefined],
        ['GET', 'management/boot_device', undefined],
        ['GET', 'management/indicators', undefined],
        ['GET', 'vmedia', undefined],
        ['PUT', 'management/boot_device', { boot_device: 'pxe' }],
      ] as const) {
        const { status, text } = await api.ask(method, `/v1/nodes/${node}/${path}`, body);
        expect([name, path, status === 500], text).toEqual([name, path, false]);
      }
    }
  });

  proves('vendor passthru with wrong arguments', async () => {
    const fake = await api.node('passthru', {});
    const info = { redfish_address: 'http://127.0.0.1:9', redfish_username: 'a', redfish_password: 'b' };
    const redfish = await api.node('passthru-redfish', { driver: 'redfish', driver_info: info });
    const ask = async (node: string, method: string, name: string, body?: object) =>
      await api.ask(method, `/v1/nodes/${node}/vendor_passthru?method=${name}`, body);
    const wrong = [{}, { id: 5 }, { Destination: ['x'], EventTypes: 7, Context: null }, []];
    // The case itself: wrong arguments are told before any BMC is asked, and nobody listens at this one.
    for (const body of wrong) {
      const made = await ask(redfish, 'POST', 'create_subscription', body);
      const ended = await ask(redfish, 'DELETE', 'delete_subscription', body);
      expect([made.status, ended.status], `${made.text} ${ended.text}`).toEqual([400, 400]);
    }
    const tryAll = async (node: string) => {
      const methods = Object.keys(await api.want(200, 'GET', `/v1/nodes/${node}/vendor_passthru/methods`));
      for (const name of new Set([...methods, 'create_subscription', 'delete_subscription', 'no_such_method'])) {
        for (const body of wrong) {
          for (const method of ['GET', 'POST', 'DELETE']) {
            const { status, text } = await ask(node, method, name, method === 'GET' ? undefined : body);
            expect([name, method, status === 500], text).toEqual([name, method, false]);
          }
        }
      }
    };
    await Promise.all([tryAll(fake), tryAll(redfish)]);
  });

  proves('tracebacks in bodies while debugging', async () => {
    const node = await api.node('traces', {});
    const answers = [
      await api.ask('POST', '/v1/nodes', '{"driver": '),
      await api.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'replace', path: '/nothing/here', value: 1 }]),
      await api.ask('GET', '/v1/nodes?fields=nothing'),
      await api.ask('PUT', `/v1/nodes/${node}/states/provision`, { target: 'fly' }),
      await api.ask('GET', `/v1/nodes/${node}/management/boot_device`),
    ];
    for (const { text } of answers) {
      expect(text).not.toMatch(/\.ts\b|node_modules|at \w+ \(|stack|Traceback/);
    }
  });

  proves('port list while ports are deleted', async () => {
    const node = await api.node('ports', {});
    const ports = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const address = `52:54:00:dd:00:${i.toString(16).padStart(2, '0')}`;
        return (await api.want(201, 'POST', '/v1/ports', { node_uuid: node, address }))['uuid'] as string;
      }),
    );
    let deleting = true;
    const seen = new Set<number>();
    const list = async () => {
      while (deleting) {
        for (const path of [`/v1/ports?node=${node}`, `/v1/nodes/${node}/ports/detail`, '/v1/ports/detail']) {
          seen.add((await api.ask('GET', path)).status);
        }
      }
    };
    const reading = Promise.all([list(), list()]);
    await Promise.all(ports.map((port) => api.want(204, 'DELETE', `/v1/ports/${port}`)));
    deleting = false;
    await reading;
    expect([...seen]).toEqual([200]);
  });

  proves('GET vmedia of a locked node', async () => {
    const slow = { driver_info: { fake_delay_s: { 'inspect.inspect_hardware': 4, inspect: 4 } } };
    const node = await api.node('vmedia', slow, MANAGEABLE);
    await api.want(202, 'PUT', `/v1/nodes/${node}/states/provision`, { target: 'inspect' });
    await expect
      .poll(async () => (await api.want(200, 'GET', `/v1/nodes/${node}`))['reservation'], {
        timeout: 20_000,
        interval: 20,
      })
      .not.toBeNull();
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.ask('GET', `/v1/nodes/${node}/vmedia`)));
    expect(answers.map(({ status }) => status)).not.toContain(409);
    expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true);
    await api.reach(node, 'manageable');
  });

  proves('sensors with an empty redfish_system_id', async () => {
    const info = {
      redfish_address: 'http://127.0.0.1:9',
      redfish_username: 'a',
      redfish_password: 'b',
      redfish_system_id: '',
    };
    const made = await api.ask('POST', '/v1/nodes', { driver: 'redfish', name: 'no-system', driver_info: info });
    expect([201, 400], made.text).toContain(made.status);
    const { text } = await api.ask('GET', '/v1/nodes/no-system/validate');
    expect(text).not.toContain('Internal');
    expect((await api.ask('GET', '/v1/nodes/no-system/management/indicators')).status).not.toBe(500);
  });

  proves('conductors that come and go under requests', async () => {
    const node = await api.node('under-requests', {}, MANAGEABLE);
    let going = true;
    const bad: string[] = [];
    const load = async () => {
      while (going) {
        for (const path of [...READS, `/v1/nodes/${node}/management/boot_device`]) {
          const { status, text } = await api.ask('GET', path);
          if (status >= 500 && ![503, 504].includes(status)) bad.push(`${path}: ${status} ${text}`);
        }
      }
    };
    const reading = Promise.all([load(), load()]);
    worker.child.kill('SIGKILL');
    await worker.ended;
    const made = await api.ask('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'orphan' });
    expect(made.status === 201 || made.status === 400, made.text).toBe(true);
    worker = await startConductor();
    worker.child.kill('SIGTERM');
    await worker.ended;
    going = false;
    await reading;
    expect(bad).toEqual([]);
  });
});

test('every case has a proof', () => {
  expect(Object.keys(CRASH_CASES)).toHaveLength(CASE_COUNT);
  const wanted = new Set<string>();
  for (const [name, { proofs }] of Object.entries(CRASH_CASES)) {
    expect(proofs.length, name).toBeGreaterThan(0);
    for (const proof of proofs) {
      if ('here' in proof) wanted.add(name);
      if (!('file' in proof)) continue;
      const file = join(root, proof.file);
      expect(existsSync(file) && readFileSync(file, 'utf8').includes(proof.title), `${name}: ${proof.title}`).toBe(
        true,
      );
    }
  }
  expect([...here].sort()).toEqual([...wanted].sort());
});
