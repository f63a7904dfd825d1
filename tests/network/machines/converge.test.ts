import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plug } from '#contracts/network';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { OwnMachineNetworks } from '#network/machines/own';
import type { Switches } from '#network/switch/index';
import { silentLog } from '#platform/log';
import type { Store } from '#store/contract';
import { openTestStore, type TestStore } from '#store/testing';
import { until } from '../database.ts';
import { openRoom, type OvsDatabase, ovsDatabase, register } from '../switch/room.ts';
import { putNetwork } from '../truth.ts';

// Flips of machines on a real switch's database, while the service, the switch and people at the switch do their worst.

const CHASSIS = '02:00:00:00:00:01';
const MACHINES = 4;
const PARKING = 3967;
/** A flip gives up on a dead switch after this. */
const DEADLINE_MS = 1_500;

let database: TestStore;
let ovs: OvsDatabase;
beforeAll(async () => {
  [database, ovs] = await Promise.all([openTestStore(), ovsDatabase(MACHINES)]);
  const place = { driver: 'ovs' as const, address: ovs.remote, chassis_id: CHASSIS, physical_network: 'rack1' };
  await register(database.store, { name: 'tor0', ...place });
});
afterAll(async () => {
  await ovs?.stop();
  await database?.close();
});

/** The service as one process has it. Once it is killed nothing of it reaches the database any more. */
interface Service {
  room: Switches;
  networks: OwnMachineNetworks;
  kill(): Promise<void>;
}

function startService(store: Store): Service {
  let dead = false;
  const alive = new Proxy(store, {
    get(target, name) {
      if (dead) throw new Error('this process was killed');
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const room = openRoom(store, { readMs: 1_000 });
  const networks = new OwnMachineNetworks({
    store: alive,
    switches: () => room.service,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    config: { vlans: new Map(), flatVlans: new Map(), strict: false, deadlineMs: DEADLINE_MS, macBase: 'fa:16:3e' },
  });
  return {
    room,
    networks,
    async kill() {
      dead = true;
      await room.stop();
    },
  };
}

interface Machine {
  uuid: string;
  place: string;
  port: string;
  mac: string;
  /** The network of a flip that was never told of its end: whoever comes after makes it again. */
  owed: string | null | undefined;
}

test('whatever is killed in between, the switch carries what is bound', { timeout: 240_000 }, async () => {
  const { store } = database;
  const vlans = new Map<string, number>();
  for (const vlan of [100, 200, 300]) {
    const wish = { name: `n${vlan}`, segment: { type: 'vlan', physical: 'rack1', id: vlan } };
    vlans.set(await putNetwork(store, wish), vlan);
  }
  const ids = [...vlans.keys()];
  const machines: Machine[] = Array.from({ length: MACHINES }, (_, i) => ({
    uuid: newUuid(),
    place: newUuid(),
    port: `p${i + 1}`,
    mac: `52:54:00:00:02:0${i}`,
    owed: null,
  }));
  let service = startService(store);
  let fence = 1n;
  let switchRuns = true;

  /** As a step of a durable operation: what does not end well is owed, and made again by whoever comes after. */
  const flip = async (machine: Machine, network: string | null): Promise<void> => {
    const cable = { switchId: CHASSIS, portId: machine.port, switchInfo: null };
    const place = { id: machine.place, mac: machine.mac, physicalNetwork: null, links: [cable], bond: null };
    const plugs: Plug[] =
      network === null ? [] : [{ kind: 'service', purpose: 'cleaning', network, securityGroups: [], place }];
    machine.owed = network;
    const identity = { uuid: machine.uuid, instanceUuid: null, fence: ++fence, cables: [cable] };
    await service.networks.connect(identity, plugs, { signal: AbortSignal.timeout(60_000), assertMayWrite: () => {} });
    machine.owed = undefined;
  };
  const restart = async () => {
    await service.kill();
    service = startService(store);
  };
  const at = (a: number) => machines[a % MACHINES] as Machine;
  const network = (b: number) => (b % 4 === 3 ? null : (ids[b % 4] as string));
  const steps: Record<string, (a: number, b: number) => Promise<unknown>> = {
    flip: (a, b) => flip(at(a), network(b)).catch(() => {}),
    'two at once': (a, b) => Promise.allSettled([flip(at(a), network(b)), flip(at(a + 1), network(b + 1))]),
    async 'kill the service in the middle'(a, b) {
      const under = flip(at(a), network(b)).catch(() => {});
      await systemClock.sleep(b * 2);
      await restart();
      await under;
    },
    async 'kill the switch in the middle'(a, b) {
      const under = flip(at(a), network(b)).catch(() => {});
      await systemClock.sleep(b);
      await ovs.kill();
      switchRuns = false;
      await under;
    },
    async 'kill the switch'() {
      await ovs.kill();
      switchRuns = false;
    },
    async 'start the switch'() {
      if (!switchRuns) await ovs.restart();
      switchRuns = true;
    },
    async 'a hand at the switch'(a, b) {
      if (switchRuns) await ovs.vsctl('set', 'port', at(a).port, `tag=${900 + b}`, 'vlan_mode=access');
    },
  };

  /** How the port reads on the switch, and how it is to read, from what is bound. */
  const carried = async ({ port }: Machine) => {
    const text = await ovs.vsctl('--bare', '--columns=tag,trunks,vlan_mode', 'list', 'port', port);
    return text.trim().split(/\s+/).join(' ');
  };
  const wanted = async ({ uuid }: Machine) => {
    const [bound] = await service.networks.connections(uuid);
    return bound === undefined ? `${PARKING} trunk` : `${vlans.get(bound.network)} access`;
  };

  const step = fc.record({ do: fc.constantFrom(...Object.keys(steps)), a: fc.nat(20), b: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (all) => {
      for (const one of all) await steps[one.do]?.(one.a, one.b);
      await steps['start the switch']?.(0, 0);
      for (const machine of machines) {
        // What was owed is made again, as often as it takes; who hears of nothing is left to the reconcilers.
        await until(async () => {
          if (machine.owed === undefined) return true;
          await flip(machine, machine.owed).catch(() => {});
          return machine.owed === undefined;
        }, `${machine.port} to be flipped at last`);
      }
      await service.networks.reconcileMarked(AbortSignal.timeout(20_000), 'test');
      for (const machine of machines) {
        const want = await wanted(machine);
        await until(async () => (await carried(machine)) === want, `${machine.port} to be ${want}`);
      }
    }),
    { numRuns: 5, endOnFailure: true },
  );
  await service.kill();
  expect(switchRuns).toBe(true);
});
