import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import type { DriverCallRequest } from '#baremetal/model/verbs';
import { systemClock } from '#kernel/clock';
import { insertRedfish } from '../baremetal/deploy/rack.ts';
import { type ConductorProcess, startConductorProcess } from '../baremetal/life/crash/fleet.ts';
import { ACTOR, type Life, openLife } from '../baremetal/life/harness.ts';
import { eventually, type LabMachine, labMachine } from './rack.ts';

// Whoever else there is, one process talks to a BMC: conductors by who looks after it, API processes never.

const enabledHardwareTypes = ['fake-hardware', 'redfish'];
/** So few places that work would go to whoever has one. */
const config = {
  enabledHardwareTypes,
  powerWorkers: 3,
  powerSync: { ...DEFAULT_CONDUCTOR_CONFIG.powerSync, everyMs: 1_000 },
};

let lab: LabMachine;
let api: Life;
let uuid: string;
const conductors: ConductorProcess[] = [];
beforeAll(async () => {
  [api, lab] = await Promise.all([
    openLife({ role: 'api', host: 'api', conductor: { enabledHardwareTypes } }),
    labMachine(),
  ]);
  uuid = await insertRedfish(api, lab.redfish.url, ['52:54:00:00:00:01'], { provision_state: 'enroll' });
});
afterAll(async () => {
  await Promise.all(conductors.map((one) => one.kill()));
  await lab.close();
  await api.close();
});

/** Notes who takes what, and how long that had waited. */
const TRACE = `
create table taken (by_whom text, waited float8);
create function note_taken() returns trigger language plpgsql as $$
begin
  insert into taken values (new.claimed_by, extract(epoch from clock_timestamp() - new.created_at));
  return new;
end $$;
create trigger note_taken after update of claimed_by on node_intents for each row execute function note_taken();`;
/** Who took what was not left lying: what is, anybody takes after three seconds, as on a host under heavy load. */
const takers = async () => {
  const text = 'select by_whom, count(*)::int as times from taken where waited < 2.5 group by by_whom';
  return await api.store.query<{ by_whom: string; times: number }>({ text, values: [] });
};

const conductor = (host: string) => startConductorProcess({ databaseUrl: api.test.url, host, config });
const ask = (node: string, method: string, args: DriverCallRequest['args'] = {}, ms = 30_000) => {
  const { deps } = api.room;
  return deps.verbs.driverCall(deps, ACTOR, node, { interface: 'management', method, args }, ms);
};

test('an API process asks no BMC anything, whatever it is asked', async () => {
  const both = await Promise.allSettled([
    ask(uuid, 'getBootDevice', {}, 300),
    ask(uuid, 'setBootDevice', { boot_device: 'pxe' }, 300),
  ]);
  expect(both).toMatchObject([{ reason: { status: 503 } }, { reason: { status: 503 } }]);
  expect(lab.bmc.counters).toMatchObject({ reads: 0, writes: 0, logins: 0, connections: 0 });
});

test('several conductors: what people ask goes by one of them', {
  timeout: 300_000,
}, async () => {
  await api.store.query({ text: TRACE, values: [] });
  conductors.push(...(await Promise.all([conductor('c1'), conductor('c2')])));
  await eventually(
    () => api.work.liveHosts('').length,
    (now) => expect(now).toBe(2),
  );
  // each of them knows of the other two beats later, and only then is the node watched
  await systemClock.sleep(4_500);
  await api.store.query({ text: `update nodes set provision_state = 'available'`, values: [] });
  await api.power(uuid, 'power on');
  await eventually(
    () => lab.machine.power,
    (now) => expect(now).toBe('on'),
  );
  // on is not yet written down: until it is, the node is locked
  await api.until(uuid, 'available', 30_000);
  const reads = Array.from({ length: 12 }, () => ask(uuid, 'getBootDevice'));
  await Promise.all([...reads, ask(uuid, 'setBootDevice', { boot_device: 'pxe', persistent: true })]);
  await eventually(
    () => lab.bmc.counters.reads,
    (now) => expect(now).toBeGreaterThan(12 + 3),
  );
  expect(await takers()).toHaveLength(1);
});

test('nodes behind one BMC are all asked for by the same conductor', async () => {
  const twins: string[] = [];
  for (let i = 0; i < 6; i++)
    twins.push(await insertRedfish(api, lab.redfish.url, [`52:54:00:00:01:0${i}`], { provision_state: 'enroll' }));
  await Promise.all(twins.map((twin) => ask(twin, 'getBootDevice')));
  expect(await takers()).toHaveLength(1);
});
