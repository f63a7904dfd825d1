import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock';
import type { PortPlan } from '#contracts/switches';
import type { Switches } from '#network/switch/index';
import { deleteSwitch, updateSwitch } from '#network/switch/store/switches';
import { openTestStore, type TestStore } from '#store/testing';
import { until } from '../database.ts';
import { openRoom, type OvsDatabase, ovsDatabase, register } from './room.ts';

const DEADLINE = { deadlineMs: 30_000 };
const PORTS = 120;
let database: TestStore;
let ovs: OvsDatabase;
let room: Switches;
let id: string;

beforeAll(async () => {
  database = await openTestStore();
  ovs = await ovsDatabase(PORTS);
  room = openRoom(database.store);
  id = await register(database.store, {
    name: 'tor0',
    driver: 'ovs',
    address: ovs.remote,
    chassis_id: '02:00:00:00:00:01',
    port_names: '{"Ethernet1":"p1"}',
  });
});
afterAll(async () => {
  await room?.stop();
  await ovs?.stop();
  await database?.close();
});

const wish = (port: string, plan: PortPlan | null, switchId = 'tor0') => ({
  link: { switchId, portId: port },
  plan,
  owner: 'node n1',
});
const access = (vlan: number): PortPlan => ({ vlans: { mode: 'access', vlan } });
const tagOf = async (port: string) => (await ovs.vsctl('get', 'port', port, 'tag')).trim();

describe('wishes for ports', () => {
  it('resolves once the switch says that it is so', async () => {
    const [report] = await room.service.applyPorts([wish('p1', access(30))], DEADLINE);
    expect(report).toMatchObject({ port: 'p1', state: 'applied', differences: [], found: 'access 30; open' });
    expect(await tagOf('p1')).toBe('30');
  });

  it('finds a switch by its MAC or name, and ports by what LLDP calls them', async () => {
    const link = { switchId: '02:00:00:00:00:01', portId: 'Ethernet1' };
    await room.service.applyPorts([{ link, plan: access(31), owner: 'n' }], DEADLINE);
    expect(await tagOf('p1')).toBe('31');
    const other = { switchId: '02:00:00:00:00:77', switchInfo: 'tor0', portId: 'p1' };
    const [known] = await room.service.knownPorts([other, { switchId: 'nowhere', portId: 'p1' }]);
    expect(known).toMatchObject({ port: 'p1', owner: 'n' });
  });

  it('refuses what nobody should want before anything is kept', async () => {
    const refused = (plan: PortPlan, port = 'p2') => room.service.applyPorts([wish(port, plan)], DEADLINE);
    await expect(refused(access(1))).rejects.toMatchObject({ code: 'SwitchBadPlan' });
    await expect(refused(access(3967))).rejects.toMatchObject({ code: 'SwitchBadPlan' });
    await expect(refused({ vlans: { mode: 'trunk', native: 1, allowed: [5] } })).rejects.toMatchObject({
      code: 'SwitchBadPlan',
    });
    await expect(refused({ ...access(5), stormPercent: 3 })).rejects.toMatchObject({ code: 'SwitchCannot' });
    await expect(refused(access(5), 'p2; reboot')).rejects.toMatchObject({ code: 'SwitchBadPort' });
    await expect(room.service.applyPorts([wish('p2', access(5), 'tor9')], DEADLINE)).rejects.toMatchObject({
      code: 'SwitchUnknown',
    });
    expect(await room.service.knownPorts([{ switchId: 'tor0', portId: 'p2' }])).toMatchObject([{ plan: null }]);
  });

  it('says which ports failed, and does the others', async () => {
    const failed = room.service.applyPorts([wish('p99999', access(32)), wish('p3', access(32))], DEADLINE);
    await expect(failed).rejects.toMatchObject({
      code: 'SwitchPortsFailed',
      message: 'tor0 p99999: tor0 has no port p99999',
      details: { ports: [{ switch: 'tor0', port: 'p99999', state: 'failed' }] },
    });
    expect(await tagOf('p3')).toBe('32');
    await room.service.applyPorts([wish('p99999', null)], DEADLINE);
  });

  it('takes a hundred flips at once in a few batches', async () => {
    const before = (await transactions()).length;
    const began = systemClock.monotonic();
    const flips = Array.from({ length: 100 }, (_, i) =>
      room.service.applyPorts([wish(`p${i + 1}`, access(100 + i))], DEADLINE),
    );
    await Promise.all(flips);
    // Generous: what it takes on a quiet machine is for the bench to say.
    expect(systemClock.monotonic() - began).toBeLessThan(20_000);
    expect((await transactions()).length - before).toBeLessThan(60);
    expect(await tagOf('p100')).toBe('199');
  });

  it('bundles ports under one number, and refuses to tear a bundle', async () => {
    const plan = (vlan: number): PortPlan => ({ ...access(vlan), lag: { key: 'group-1', mode: 'lacp' } });
    await room.service.applyPorts([wish('p5', plan(40)), wish('p6', plan(40))], DEADLINE);
    const name = (await ovs.vsctl('--bare', '--columns=name', 'find', 'port', 'lacp=active')).trim();
    expect(name).toMatch(/^lag\d+$/);
    await expect(room.service.applyPorts([wish('p5', plan(41))], DEADLINE)).rejects.toMatchObject({
      code: 'SwitchBadPlan',
    });
    await room.service.applyPorts([wish('p5', plan(42)), wish('p6', plan(42))], DEADLINE);
    expect((await ovs.vsctl('--bare', '--columns=name,tag', 'find', 'port', 'lacp=active')).trim()).toBe(`${name}\n42`);
    await room.service.applyPorts([wish('p5', access(43)), wish('p6', { vlans: { mode: 'nothing' } })], DEADLINE);
    expect(await tagOf('p5')).toBe('43');
  });

  it('puts right what somebody else changed, at once', async () => {
    await room.service.applyPorts([wish('p1', access(50))], DEADLINE);
    await ovs.vsctl('set', 'port', 'p1', 'tag=51');
    await until(async () => (await tagOf('p1')) === '50', 'the repair');
  });

  it('only tells of it where that is wanted', async () => {
    await updateSwitch(database.store, id, { drift: 'report' });
    await ovs.vsctl('set', 'port', 'p1', 'tag=52');
    const [report] = await room.service.readPorts([{ switchId: 'tor0', portId: 'p1' }], DEADLINE);
    expect(report?.differences).toEqual([{ what: 'vlans', wanted: 'access 50', found: 'access 52' }]);
    expect(await tagOf('p1')).toBe('52');
    await updateSwitch(database.store, id, { drift: 'repair' });
    room.look(id);
    await until(async () => (await tagOf('p1')) === '50', 'the repair');
  });

  it('says what is the matter when the deadline comes first, and goes on trying', async () => {
    await ovs.kill();
    const late = room.service.applyPorts([wish('p7', access(60))], { deadlineMs: 1_500 });
    await expect(late).rejects.toMatchObject({
      code: 'SwitchLate',
      message: expect.stringMatching(/tor0 p7: tor0 cannot be reached/),
    });
    await ovs.restart();
    await until(async () => (await tagOf('p7')) === '60', 'the wish that outlived its call');
  });

  it('is written to by one conductor at a time, and by another when one is gone', async () => {
    const second = openRoom(database.store);
    try {
      const flips = Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? room : second).service.applyPorts([wish(`p${(i % 10) + 1}`, access(300 + i))], DEADLINE),
      );
      await Promise.all(flips);
      await room.stop();
      await second.service.applyPorts([wish('p1', access(70))], DEADLINE);
      expect(await tagOf('p1')).toBe('70');
      await expect(deleteSwitch(database.store, id)).resolves.toBe(true);
    } finally {
      await second.stop();
    }
  });
});

const transactions = async () =>
  (await ovs.vsctl('--version')).length === 0 ? [] : (await logOf()).split('\nrecord ');
const logOf = async () => {
  const { tool } = await import('../database.ts');
  return tool('ovsdb-tool', 'show-log', `${ovs.dir}/sw.db`);
};
