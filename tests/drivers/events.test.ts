import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { BmcEars, EventInbox } from '#baremetal/drivers/contract';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { type Clock, systemClock } from '#kernel/clock';
import { ready, scratch } from '../house/ingot.ts';
import { callOf, interfacesOf, type LabMachine, labMachine, PASSWORD, redfishNode, USER } from './rack.ts';

const EVERY_S = 16;

/** Time that runs ten times as fast: a BMC's test event is given up after 1.5 s. */
const fast: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
};
const drivers = redfishInterfaces(fast);
const interfaces = interfacesOf(redfishHardware, drivers.interfaces);
afterAll(() => drivers.close());

const eventsOf = (machine: LabMachine) => {
  const door = machine.lab.machines[0]?.redfish.door;
  if (door === undefined) throw new Error('an empty lab');
  return door.events;
};

/** Sends an event from an address of this host; gives the status. */
function post(url: string, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', localAddress, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end('{"Events":[]}');
  });
}

test('a change the BMC tells of is seen long before the next look: sent to us, or else by its stream', async () => {
  using place = scratch();
  const pushes = await labMachine();
  const streams = await labMachine({ maxSubscriptions: 0 });
  const running = await ready(join(place.path, 'data'), {
    deadlineMs: 300_000,
    env: { INGOT_CONDUCTOR_POWER_SYNC_EVERY_S: String(EVERY_S), INGOT_CONDUCTOR_EVENTS_LISTEN: '127.0.0.1:0' },
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(running.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.109' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  /** Their uuids make them the first of each round. */
  const uuidOf = (i: number) => `00000000-0000-4000-8000-00000000000${i}`;
  const shows = async (i: number, state: string, timeout: number) => {
    await expect
      .poll(async () => (await ask('GET', `/v1/nodes/${uuidOf(i)}`))['power_state'], { timeout, interval: 100 })
      .toBe(state);
  };
  const machines = [pushes, streams];
  try {
    for (const [i, machine] of machines.entries()) {
      await ask('POST', '/v1/nodes', {
        uuid: uuidOf(i),
        driver: 'redfish',
        driver_info: {
          redfish_address: machine.redfish.url,
          redfish_username: USER,
          redfish_password: PASSWORD,
          redfish_verify_ca: false,
        },
      });
      await ask('PUT', `/v1/nodes/${uuidOf(i)}/states/provision`, { target: 'manage' });
    }
    for (const i of machines.keys()) await shows(i, 'power off', 30_000);
    const soon = { timeout: (EVERY_S + 20) * 1000 };
    // the test event has arrived
    await expect.poll(() => eventsOf(pushes).list()[0]?.delivered ?? 0, soon).toBeGreaterThan(0);
    await expect.poll(() => eventsOf(streams).streams, soon).toBe(1);
    expect([eventsOf(pushes).streams, eventsOf(streams).list()]).toEqual([0, []]);
    for (const machine of machines) await machine.machine.powerOn();
    for (const i of machines.keys()) await shows(i, 'power on', 12_000);
    for (const machine of machines) await machine.machine.powerOff();
    for (const i of machines.keys()) await shows(i, 'power off', 12_000);

    // only the BMC may use its address, and nobody another one
    const destination = eventsOf(pushes).list()[0]?.destination ?? '';
    expect(destination).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/bmc-events\/v1\/[\w-]{43}$/);
    expect(await post(destination, '127.0.0.1')).toBe(204);
    expect(await post(destination, '127.0.0.2')).toBe(404);
    expect(await post(`${destination.slice(0, -1)}_`, '127.0.0.1')).toBe(404);
    expect((await fetch(new URL('/v1/nodes', destination))).status).toBe(404);
    // a node that is no longer ours to watch: its BMC is told
    await ask('PUT', `/v1/nodes/${uuidOf(0)}/maintenance`, { reason: 'no more of it' });
    await expect.poll(() => eventsOf(pushes).list(), soon).toEqual([]);
  } finally {
    await running.stop();
    await Promise.all(machines.map((machine) => machine.close()));
  }
}, 240_000);

/** Listens with an inbox at `url`; `close` ends it. */
function listen(machine: LabMachine, url: string, comesBack = false) {
  const end = new AbortController();
  const told: string[] = [];
  let taken: (body: unknown) => void = () => {};
  const inbox: EventInbox = {
    url,
    isOurs: (other) => other.replace(/\/$/, '').endsWith('/inbox-1'),
    onEvent: (fn) => {
      taken = fn;
    },
    close: () => told.push('closed'),
  };
  const ears: BmcEars = {
    heard: () => told.push('heard'),
    opened: () => told.push('opened'),
    inbox: async () => inbox,
    mayStream: () => true,
    comesBack,
  };
  const call = { ...callOf(interfaces, redfishNode(machine)), signal: end.signal };
  const over = (interfaces.power.listen?.(call, ears) ?? Promise.resolve()).catch((error: Error) => error.message);
  return { told, arrives: (body: unknown) => taken(body), close: () => end.abort(new Error('it ends')), over };
}

test('a BMC whose events do not arrive is unsubscribed and its stream is read', async () => {
  const machine = await labMachine();
  try {
    const nobody = 'http://127.0.0.1:9/inbox-1';
    const one = listen(machine, nobody);
    await expect
      .poll(
        () =>
          eventsOf(machine)
            .list()
            .map((it) => it.destination),
        { timeout: 10_000 },
      )
      .toEqual([nobody]);
    await expect.poll(() => eventsOf(machine).streams, { timeout: 20_000 }).toBe(1);
    expect(eventsOf(machine).list()).toEqual([]);
    await expect.poll(() => one.told, { timeout: 5_000 }).toEqual(['closed', 'opened']);
    one.close();
    await one.over;
  } finally {
    await machine.close();
  }
});

test('a subscription is found again after a restart, and one of another conductor is replaced', async () => {
  const machine = await labMachine();
  try {
    const events = eventsOf(machine);
    const list = () => events.list();
    const theirs = { context: null, protocol: 'Redfish', eventTypes: [], registryPrefixes: [], headers: {} };
    events.subscribe({ ...theirs, destination: 'http://127.0.0.2:9/inbox-1' }); // ours, from another host
    events.subscribe({ ...theirs, destination: 'http://127.0.0.3:9/else' }); // somebody else's
    const url = 'http://127.0.0.1:9/inbox-1';
    const destinations = () => list().map((one) => one.destination);
    const wanted = ['http://127.0.0.3:9/else', url];
    const first = listen(machine, url, true);
    await expect.poll(destinations, { timeout: 10_000 }).toEqual(wanted);
    const { id } = list().at(-1) ?? {};
    const tests = () =>
      machine.ledger.list({ kind: 'request' }).filter((one) => /SubmitTestEvent/.test(one.action)).length;
    await expect.poll(tests, { timeout: 10_000 }).toBe(1);
    first.arrives({ Events: [{ MessageId: 'ResourceEvent.1.0.TestMessage' }] });
    first.arrives({ Events: [{ MessageId: 'iLOEvents.1.0.SessionLogin' }] });
    first.arrives({ Events: [{ MessageId: 'ResourceEvent.1.0.PowerStateChanged' }] });
    expect(first.told).toEqual(['opened', 'heard']);
    first.close(); // the conductor stops, and will be back
    await first.over;
    expect(destinations()).toEqual(wanted);
    const second = listen(machine, url);
    await expect.poll(tests, { timeout: 10_000 }).toBe(2);
    expect(list().at(-1)?.id).toBe(id);
    second.arrives({});
    second.close();
    await second.over;
    expect(destinations()).toEqual(['http://127.0.0.3:9/else']);
  } finally {
    await machine.close();
  }
});
