import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabMachine, labMachine } from '../drivers/rack.ts';
import { type Cloud, cloud, cloudOf, connectTo, follow, recording, session } from './cloud.ts';
import { admin, type Tenant, tenant } from './tenants.ts';

let base: Cloud;
let one: Omit<Cloud, 'close'>;
let machine: LabMachine;
let red: Tenant;
let blue: Tenant;
const WAIT = { timeout: 60_000, interval: 50 };
/** Longer than what comes after the start of a lease is nobody's. */
const SETTLED_MS = 3_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  machine = await labMachine({}, { ssh: 'command' });
  base = await cloud({ args: ['--auth', 'keystone'] });
  one = cloudOf(base.running, await admin(base.running));
  red = await tenant(base.running, one.ask, 'red');
  blue = await tenant(base.running, one.ask, 'blue');
}, 180_000);
afterAll(async () => {
  await base.close();
  await machine.close();
});

/** What somebody can see of the node, every way there is. */
async function seen(uuid: string, who: Record<string, string>): Promise<string> {
  const log = await one.log(uuid, '', who);
  const json = await one.log(uuid, '?format=json&tail=1000', who);
  const found = await one.ask<{ lines: { text: string }[] }>(
    'GET',
    `/console/v1/nodes/${uuid}/search?text=canary`,
    undefined,
    who,
  );
  return [log, json, ...found.lines.map(({ text }) => text)].join('\n');
}

const canaries = (text: string) => [...new Set(text.match(/CANARY-\w+/g))].sort();

test('tenants see what was written in their own lease, and nothing else', { timeout: 240_000 }, async () => {
  const uuid = await one.enrol(machine, 'redfish');
  await recording(one, uuid);
  const write = (text: string) => machine.machine.serial.fromGuest(Buffer.from(`${text}\r\n`));
  const written = async (text: string) => {
    write(text);
    await expect.poll(() => one.log(uuid), WAIT).toContain(text);
  };
  const provision = async (target: string, state: string) => {
    await one.ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target });
    await one.state(uuid, state);
  };
  const lease = (to: string | null) =>
    one.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: to === null ? 'remove' : 'add', path: '/lessee', value: to }]);

  await written('CANARY-enrolled');
  await provision('provide', 'available');
  await written('CANARY-available');
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true });
  await lease(red.project);
  // A lease is from deploy to undeploy: before that a lessee has nothing to see.
  await expect(one.log(uuid, '', red.headers)).rejects.toThrow('403');
  await expect(session(one, uuid, {}, red.headers)).rejects.toThrow('403');
  await provision('active', 'active');
  await sleep(SETTLED_MS);
  await written('CANARY-red');
  const redClient = await session(one, uuid, {}, red.headers);
  await expect.poll(() => redClient.shown(), WAIT).toContain('CANARY-red');
  await expect(one.log(uuid, '', blue.headers)).rejects.toThrow('404');
  await expect(session(one, uuid, {}, blue.headers)).rejects.toThrow('404');
  const operator = await session(one, uuid);

  const redFollows = await follow(one, uuid, red.headers);
  await expect.poll(redFollows.shown, WAIT).toContain('CANARY-red');

  // The lease ends, and with it every door: the WebSocket, the log that goes on, and what a new session would replay.
  const closed = redClient.ended.then((end) => ({ ...end, at: performance.now() }));
  await one.ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'deleted' });
  const ends = performance.now();
  await expect(session(one, uuid, {}, red.headers)).rejects.toThrow('403');
  const replayRefusedAt = performance.now();
  const { at: socketAt, code } = await closed;
  expect(code).toBe(4001);
  for (const at of [replayRefusedAt, socketAt, await redFollows.ended]) expect(at - ends).toBeLessThan(5_000);
  await one.state(uuid, 'available');
  await written('CANARY-cleaning');
  await lease(blue.project);
  await provision('active', 'active');
  write('CANARY-early');
  await sleep(SETTLED_MS);
  await written('CANARY-blue');
  expect(canaries(await seen(uuid, blue.headers))).toEqual(['CANARY-blue']);
  // Who had it before still reads its own time, and nothing of what came after.
  expect(canaries(await seen(uuid, red.headers))).toEqual(['CANARY-red']);
  const everything = [
    'CANARY-available',
    'CANARY-blue',
    'CANARY-cleaning',
    'CANARY-early',
    'CANARY-enrolled',
    'CANARY-red',
  ];
  expect(canaries(await one.log(uuid))).toEqual(everything);
  const blueClient = await session(one, uuid, {}, blue.headers);
  await expect.poll(() => blueClient.shown(), WAIT).toContain('CANARY-blue');
  await expect.poll(() => canaries(operator.shown()), WAIT).toContain('CANARY-blue');
  expect(canaries(blueClient.shown())).toEqual(['CANARY-blue']);
  expect(canaries(redClient.shown() + redFollows.shown())).toEqual(['CANARY-red']);

  // Many read, one writes, and gives it to who takes it.
  let typed = '';
  machine.machine.serial.connectGuest((bytes) => {
    typed += bytes.toString('latin1');
  });
  const second = await session(one, uuid, {}, blue.headers);
  await expect
    .poll(() => second.messages, WAIT)
    .toContainEqual(expect.objectContaining({ type: 'writer', you: false }));
  second.type('not mine');
  await expect.poll(() => JSON.stringify(second.messages), WAIT).toContain('somebody else writes');
  operator.say({ type: 'release' });
  second.say({ type: 'take' });
  await expect.poll(() => second.messages, WAIT).toContainEqual(expect.objectContaining({ type: 'writer', you: true }));
  second.type('mine now');
  await expect.poll(() => typed, WAIT).toBe('mine now');

  // Who leaves leaves it to whoever asked for it first, without another word.
  const third = await session(one, uuid, {}, blue.headers);
  third.say({ type: 'take' });
  await expect.poll(() => third.messages, WAIT).toContainEqual(expect.objectContaining({ type: 'writer', you: true }));
  third.socket.close();
  await expect
    .poll(() => blueClient.messages, WAIT)
    .toContainEqual(expect.objectContaining({ type: 'writer', you: true }));
  blueClient.type(' and mine');
  await expect.poll(() => typed, WAIT).toBe('mine now and mine');

  // Tokens are good once, and not for pages of others.
  const ask = () =>
    one.ask<{ session: { token: string; url: string } }>(
      'POST',
      `/console/v1/nodes/${uuid}/sessions`,
      {},
      blue.headers,
    );
  const { session: used } = await ask();
  const origin = new URL(base.running.url).origin;
  await expect(connectTo(used.url, used.token, { origin: 'http://evil.example' })).rejects.toThrow('403');
  const own = await connectTo(used.url, used.token, { origin });
  await expect(connectTo(used.url, used.token)).rejects.toThrow('401');
  await expect(connectTo(used.url, 'x'.repeat(43))).rejects.toThrow('401');

  // Whoever loses the right loses the session.
  await one.ask('DELETE', blue.role);
  expect((await own.ended).code).toBe(4003);
  expect((await second.ended).code).toBe(4003);
  expect(operator.socket.readyState).toBe(operator.socket.OPEN);
  operator.socket.close();
});
