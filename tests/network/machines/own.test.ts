import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MachinePlace } from '#contracts/network';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { OwnMachineNetworks } from '#network/machines/own';
import { markRemotes } from '#network/store/machine-marks';
import { silentLog } from '#platform/log';
import { openTestStore, type TestStore } from '#store/testing';
import { put, putDefaultGroup, putNetwork, putPort, putRule, putSubnet } from '../truth.ts';
import { machine, options, promises, service, SWITCH, type Subject, tenant } from './promises.ts';
import { SimulatedSwitches } from './simulated-switches.ts';

interface Own extends Subject {
  networks: OwnMachineNetworks;
  switches: SimulatedSwitches;
  db: TestStore;
}

const OTHER = '52:54:00:00:00:02';

async function openOwn(): Promise<Own> {
  const db = await openTestStore();
  const { store } = db;
  const switches = new SimulatedSwitches({ [SWITCH]: 'rack1', [OTHER]: 'rack1' });
  const config = {
    vlans: new Map([['rack1', [{ first: 1000, last: 1002 }]]]),
    flatVlans: new Map(),
    strict: false,
    deadlineMs: 20_000,
    macBase: 'fa:16:3e',
  };
  const parts = { store, switches: () => switches, clock: systemClock, random: systemRandom, log: silentLog, config };
  let macs = 0;
  return {
    db,
    switches,
    networks: new OwnMachineNetworks(parts),
    makeNetwork: (name, vlan) => putNetwork(store, { name, segment: { type: 'vlan', physical: 'rack1', id: vlan } }),
    makeVif: (network) => putPort(store, network, { mac: `fa:16:3e:aa:00:${(++macs).toString(16).padStart(2, '0')}` }),
    async port(id) {
      const [row] = await store.query<{ host: string; mac: string; vifType: string; status: string; profile: string }>({
        text: `select host_id as host, mac_address::text as mac, vif_type as "vifType", status, binding_profile::text as profile
               from net_ports where id = $1`,
        values: [id],
      });
      if (row === undefined) return null;
      const { profile, ...rest } = row;
      const found = (JSON.parse(profile) as { local_link_information?: unknown[] }).local_link_information;
      return { ...rest, links: found?.length ?? 0 };
    },
    breakPort(portId, broken) {
      if (broken) switches.broken.set(`${SWITCH}|${portId}`, 'the switch refuses');
      else switches.broken.delete(`${SWITCH}|${portId}`);
    },
    close: () => db.close(),
  };
}

promises('the network room', openOwn);

describe('the network room and its switches', { timeout: 60_000 }, () => {
  let own: Own;
  beforeAll(async () => {
    own = await openOwn();
  });
  afterAll(() => own.close());
  const said = (place: MachinePlace, link = 0) => own.switches.said.get(`${SWITCH}|${place.links[link]?.portId}`);

  test('between two networks a port carries nothing, and a failed flip ends with nothing', async () => {
    const { identity, places } = machine(2);
    const [place, idle] = places as [MachinePlace, MachinePlace];
    const cleaning = await own.makeNetwork('c1', 110);
    const vif = await own.makeVif(await own.makeNetwork('t1', 210));
    await own.networks.connect(identity, [service(cleaning, place)], options());
    await own.networks.connect(identity, [tenant(vif, place)], options());
    await own.networks.connect(identity, [], options());
    expect(said(place)).toEqual(['nothing', 'access 110', 'nothing', 'access 210', 'nothing']);
    // A NIC that nothing is plugged into is shut from the first moment.
    expect(said(idle)).toEqual(['nothing']);
    await own.networks.forget(identity.uuid);
    expect(said(place)?.at(-1)).toBe('left');
  });

  test('an overlay gets a VLAN for machines, shared by them and given back by the last', async () => {
    const overlay = await putNetwork(own.db.store, { segment: { type: 'geneve', id: 7 } });
    const segments = () =>
      own.db.store.query<{ vlan: number; physical: string }>({
        text: 'select segmentation_id as vlan, physical_network as physical from net_segments where network_id = $1 and dynamic',
        values: [overlay],
      });
    const [one, two] = [machine(), machine()];
    const [first, second] = [
      one.places[0] as MachinePlace,
      { ...(two.places[0] as MachinePlace), physicalNetwork: null },
    ];
    await own.networks.connect(one.identity, [tenant(await own.makeVif(overlay), first)], options());
    // The switch says the physical network where the port does not.
    await own.networks.connect(two.identity, [tenant(await own.makeVif(overlay), second)], options());
    expect(await segments()).toEqual([{ vlan: 1000, physical: 'rack1' }]);
    expect([said(first)?.at(-1), said(second)?.at(-1)]).toEqual(['access 1000', 'access 1000']);
    const other = await putNetwork(own.db.store, { segment: { type: 'geneve', id: 8 } });
    const three = machine();
    await own.networks.connect(
      three.identity,
      [tenant(await own.makeVif(other), three.places[0] as MachinePlace)],
      options(),
    );
    expect(said(three.places[0] as MachinePlace)?.at(-1)).toBe('access 1001');
    await own.networks.connect(one.identity, [], options());
    expect(await segments()).toHaveLength(1);
    await own.networks.connect(two.identity, [], options());
    expect(await segments()).toEqual([]);
    await own.networks.connect(three.identity, [], options());
  });

  test('a trunk comes with its subports, live ones too', async () => {
    const { store } = own.db;
    const { identity, places } = machine();
    const place = places[0] as MachinePlace;
    const parent = await own.makeVif(await own.makeNetwork('native', 220));
    const trunk = await put(store, 'net_trunks', { project_id: 'p1', port_id: parent });
    const sub = async (vlan: number, tag: number, type = 'vlan') => {
      const port = await own.makeVif(await own.makeNetwork(`v${vlan}`, vlan));
      await put(store, 'net_subports', {
        port_id: port,
        trunk_id: trunk,
        segmentation_type: type,
        segmentation_id: tag,
      });
      return port;
    };
    const first = await sub(221, 221);
    await own.networks.connect(identity, [tenant(parent, place)], options());
    expect(said(place)?.at(-1)).toBe('trunk 220+221');
    expect(await own.port(first)).toMatchObject({ host: identity.uuid, vifType: 'other', status: 'ACTIVE' });
    const late = await sub(222, 7, 'inherit');
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(1);
    expect(said(place)?.at(-1)).toBe('trunk 220+221+222');
    expect(await own.port(late)).toMatchObject({ status: 'ACTIVE' });
    await store.query({ text: 'delete from net_subports where port_id = $1', values: [first] });
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(1);
    expect(said(place)?.at(-1)).toBe('trunk 220+222');
    expect(await own.port(first)).toMatchObject({ host: '', vifType: 'unbound', status: 'DOWN' });
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(0);
    expect(await own.networks.reconcile(AbortSignal.timeout(20_000), 'a')).toBe(0);
    // A tag that the network does not have on the switch cannot be.
    await own.networks.connect(identity, [], options());
    await sub(223, 9);
    await expect(own.networks.connect(identity, [tenant(parent, place)], options())).rejects.toThrow(/sends tag 9/);
    expect(said(place)?.at(-1)).toBe('nothing');
    await own.networks.forget(identity.uuid);
  });

  test('bonds: LACP on one switch and on a pair, and active-backup without', async () => {
    const network = await own.makeNetwork('bonded', 230);
    for (const [mode, second, lag] of [
      ['802.3ad', SWITCH, { mode: 'lacp' }],
      ['802.3ad', OTHER, { mode: 'lacp', mlag: true }],
      ['active-backup', OTHER, null],
    ] as const) {
      const { identity, places } = machine(2);
      const [a, b] = places as [MachinePlace, MachinePlace];
      const links = [...a.links, ...b.links.map((link) => ({ ...link, switchId: second }))];
      const bond = { id: newUuid(), name: 'bond0', mode, properties: {} };
      const group: MachinePlace = { ...a, id: bond.id, links, bond };
      await own.networks.connect(
        { ...identity, cables: links },
        [tenant(await own.makeVif(network), group)],
        options(),
      );
      for (const link of links) {
        const plan = own.switches.plans.get(`${link.switchId}|${link.portId}`);
        expect(plan).toMatchObject({ vlans: { mode: 'access', vlan: 230 } });
        expect(plan?.lag ?? null).toEqual(lag === null ? null : { key: bond.id, ...lag });
      }
      // The ramdisk's firmware knows of no bond.
      await own.networks.connect({ ...identity, cables: links }, [service(network, a)], options());
      expect(own.switches.plans.get(`${SWITCH}|${a.links[0]?.portId}`)).toMatchObject({ lag: null });
      await own.networks.forget(identity.uuid);
    }
  });

  test('a switch nobody knows, and a cable two machines claim, are refused before anything moves', async () => {
    const network = await own.makeNetwork('refused', 240);
    const { identity, places } = machine();
    const place = places[0] as MachinePlace;
    const far = { ...place, links: [{ switchId: '52:54:00:00:00:99', portId: 'x', switchInfo: 'tor9' }] };
    await expect(own.networks.connect(identity, [service(network, far)], options())).rejects.toThrow(
      /tor9.*ingot switch add/,
    );
    await own.networks.connect(identity, [service(network, place)], options());
    const thief = machine();
    const claim = { ...(thief.places[0] as MachinePlace), links: place.links };
    await expect(own.networks.connect(thief.identity, [service(network, claim)], options())).rejects.toMatchObject({
      code: 'CableTaken',
    });
    // A cable that was moved leaves its old port to whoever has it now.
    await own.networks.connect({ ...identity, cables: [] }, [], options());
    await own.networks.connect(thief.identity, [service(network, claim)], options());
    await own.networks.forget(thief.identity.uuid);
  });

  test('strict groups refuse what no switch can hold; loose ones do not', async () => {
    const { store } = own.db;
    const network = await own.makeNetwork('strict', 250);
    const { identity, places } = machine();
    const place = places[0] as MachinePlace;
    const group = await put(store, 'net_security_groups', { project_id: 'p1', name: 'g' });
    await putRule(store, group, { protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    const port = async (strict: boolean) =>
      putPort(store, network, {
        mac: `fa:16:3e:bb:00:0${strict ? 1 : 2}`,
        groups: [group],
        more: { strict_security_groups: strict },
      });
    const strict = await port(true);
    await expect(own.networks.connect(identity, [tenant(strict, place)], options())).rejects.toThrow(/strict/);
    expect(said(place)?.every((words) => words === 'nothing')).toBe(true);
    await own.networks.connect(identity, [tenant(await port(false), place)], options());
    await own.networks.connect(identity, [], options());
    await store.query({ text: 'update net_security_groups set stateful = false where id = $1', values: [group] });
    await own.networks.connect(identity, [tenant(strict, place)], options());
    expect(own.switches.plans.get(`${SWITCH}|${place.links[0]?.portId}`)?.acl?.out).toContainEqual(
      expect.objectContaining({ action: 'allow', protocol: 'tcp', ports: [22, 22] }),
    );
    // A rule that comes later reaches the switch, too.
    await putRule(store, group, { protocol: 'udp', port_range_min: 53, port_range_max: 53 });
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(1);
    expect(own.switches.plans.get(`${SWITCH}|${place.links[0]?.portId}`)?.acl?.out).toContainEqual(
      expect.objectContaining({ protocol: 'udp', ports: [53, 53] }),
    );
    // So does an address of a group that a rule names, and of one that somebody wrote down.
    const remote = await put(store, 'net_security_groups', { project_id: 'p1', name: 'remote' });
    const listed = await put(store, 'net_address_groups', { project_id: 'p1', addresses: ['10.7.0.0/16'] });
    await putRule(store, group, { remote_group_id: remote });
    await putRule(store, group, { remote_address_group_id: listed });
    const sources = () =>
      own.switches.plans.get(`${SWITCH}|${place.links[0]?.portId}`)?.acl?.out?.map(({ source }) => source);
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(1);
    expect(sources()).toContain('10.7.0.0/16');
    const subnet = await putSubnet(store, network, '10.25.0.0/24');
    await putPort(store, network, { mac: 'fa:16:3e:bb:00:03', ips: [{ subnet, ip: '10.25.0.9' }], groups: [remote] });
    await store.query({
      text: `update net_address_groups set addresses = '{10.8.0.0/16}' where id = $1`,
      values: [listed],
    });
    expect(await own.networks.reconcileMarked(AbortSignal.timeout(20_000), 'a')).toBe(1);
    expect(sources()).toEqual(expect.arrayContaining(['10.25.0.9/32', '10.8.0.0/16']));
    expect(sources()).not.toContain('10.7.0.0/16');
    await own.networks.forget(identity.uuid);
  });

  test('a new port costs the same however many its group has, and marks each machine of it once', async () => {
    const { store } = own.db;
    const network = await putNetwork(store);
    const subnet = await putSubnet(store, network, '10.60.0.0/16');
    const group = await putDefaultGroup(store);
    const run = (text: string) => store.query({ text: text.replaceAll('NETWORK', network).replaceAll('GROUP', group) });
    // Two thousand members, every second of them on a machine.
    await run(`insert into net_ports (id, project_id, network_id, mac_address)
      select gen_random_uuid(), 'p1', 'NETWORK', ('fa16' || lpad(to_hex(n), 8, '0'))::macaddr from generate_series(1, 2000) n`);
    await run(
      `insert into net_port_security_groups (port_id, group_id) select id, 'GROUP' from net_ports where network_id = 'NETWORK'`,
    );
    await run(
      `insert into net_machines (id, fence) select id, 1 from net_ports where network_id = 'NETWORK' and seq % 2 = 0`,
    );
    await run(`insert into net_machine_ports (port_id, machine_id, place_id)
      select m.id, m.id, m.id from net_machines m join net_ports p on p.id = m.id`);
    for (const table of ['net_ports', 'net_port_security_groups', 'net_machine_ports']) await run(`analyze ${table}`);
    await markRemotes(store);
    await run('delete from net_machine_dirty');

    const marks = async () =>
      (
        await store.query({
          text: 'select count(*)::int as all, count(distinct machine_id)::int as machines from net_machine_dirty',
        })
      )[0];
    const touched = await store.tx(async (tx) => {
      const rows = async () => {
        const text = `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + n_tup_ins)::int as n
          from pg_stat_xact_user_tables where relname like 'net\\_%'`;
        return (await tx.query<{ n: number }>({ text }))[0]?.n ?? 0;
      };
      const before = await rows();
      await putPort(tx, network, { mac: 'fa:16:3e:cc:00:01', ips: [{ subnet, ip: '10.60.0.9' }], groups: [group] });
      return (await rows()) - before;
    });
    expect(touched).toBeGreaterThan(3);
    expect(touched).toBeLessThan(60);
    expect(await marks()).toEqual({ all: 0, machines: 0 });
    await markRemotes(store);
    expect(await marks()).toEqual({ all: 1000, machines: 1000 });
    await markRemotes(store);
    expect(await marks()).toEqual({ all: 1000, machines: 1000 });
    await run(`delete from net_machines m using net_ports p where p.id = m.id and p.network_id = 'NETWORK'`);
    await run(`delete from net_ports where network_id = 'NETWORK'`);
  });
});
