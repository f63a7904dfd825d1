import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '#kernel/random';
import { newUuid } from '#kernel/ids';
import { giveAny, giveNamed } from '#network/store/fixed-ips';
import { insertSegment, takeSegment } from '#network/store/segments';
import { writePools } from '#network/store/subnets';
import type { Store } from '#store/contract';
import { openTestStore, type TestStore } from '#store/testing';
import { put, putNetwork, putPort, putSubnet } from './truth.ts';

// Addresses are never given twice, and none is ever lost: any sequence of taking and giving back, by several at the same
// time, is compared with a set.

let database: TestStore;
let store: Store;
let network: string;
let serial = 0;

beforeAll(async () => {
  database = await openTestStore();
  ({ store } = database);
  network = await putNetwork(store);
}, 120_000);
afterAll(() => database.close());

const port = () => {
  serial++;
  return putPort(store, network, {
    mac: `fa:16:3e:00:${(serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`,
  });
};
const held = async (subnet: string): Promise<string[]> =>
  (
    await store.query<{ ip: string }>({
      text: 'select host(ip) as ip from net_fixed_ips where subnet_id = $1 order by net_fixed_ips.ip',
      values: [subnet],
    })
  ).map(({ ip }) => ip);
const take = async (subnet: string, seed: number): Promise<boolean> =>
  store.tx(async (tx) => (await giveAny(tx, [{ port: await newPort, subnet, position: 0, seed }]))[0] === true);
let newPort: Promise<string>;
const back = (subnet: string, ip: string) =>
  store.query({ text: 'delete from net_fixed_ips where subnet_id = $1 and ip = $2', values: [subnet, ip] });

describe('addresses', () => {
  it('are given once each, and all of them', async () => {
    newPort = port();
    await newPort;
    let third = 0;
    const seed = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('take' as const),
          seeds: fc.array(seed, { minLength: 1, maxLength: 6 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('back' as const), at: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('name' as const), at: fc.nat(30) }) },
    );
    const pools = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 6 }).map((ends) => {
      const sorted = [...ends].sort((a, b) => a - b);
      return Array.from(
        { length: Math.floor(sorted.length / 2) },
        (_, n) => [sorted[2 * n] ?? 1, sorted[2 * n + 1] ?? 1] as const,
      );
    });
    await fc.assert(
      fc.asyncProperty(pools, fc.array(step, { maxLength: 14 }), fc.boolean(), async (spans, steps, six) => {
        third++;
        const base = six ? `2001:db8:${third.toString(16)}::` : `10.${third >> 8}.${third & 255}.`;
        const at = (n: number) => `${base}${six ? n.toString(16) : n}`;
        const subnet = await putSubnet(store, network, six ? `${base}/64` : `${base}0/24`);
        await writePools(
          store,
          subnet,
          spans.map(([first, last]) => ({ start: at(first), end: at(last) })),
        );
        const inPools = new Set(
          spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => at(first + n))),
        );
        const taken = new Set<string>();
        for (const one of steps) {
          if (one.do === 'take') {
            const free = [...inPools].filter((ip) => !taken.has(ip)).length;
            const given = await Promise.all(one.seeds.map((from) => take(subnet, from)));
            expect(given.filter(Boolean)).toHaveLength(Math.min(free, one.seeds.length));
            const now = await held(subnet);
            const fresh = now.filter((ip) => !taken.has(ip));
            expect(fresh).toHaveLength(given.filter(Boolean).length);
            for (const ip of fresh) {
              expect(inPools).toContain(ip);
              taken.add(ip);
            }
          } else if (one.do === 'back') {
            const ip = [...taken][one.at % Math.max(taken.size, 1)];
            if (ip === undefined) continue;
            await back(subnet, ip);
            taken.delete(ip);
          } else {
            // Others may take any address of the subnet by its name, in no pool as well.
            const ip = at(one.at + 1);
            const refused = await giveNamed(store, [{ port: await newPort, subnet, ip, position: 0 }]);
            expect(refused.length === 1).toBe(taken.has(ip));
            taken.add(ip);
          }
          expect((await held(subnet)).sort()).toEqual([...taken].sort());
        }
        // Everything that is left can still be had.
        const left = [...inPools].filter((ip) => !taken.has(ip)).length;
        for (let n = 0; n < left; n++) expect(await take(subnet, systemRandom.next())).toBe(true);
        expect(await take(subnet, 0.5)).toBe(false);
      }),
      { numRuns: 15 },
    );
  }, 240_000);

  it('of a transaction that fails are free again', async () => {
    newPort = port();
    const subnet = await putSubnet(store, network, '10.200.0.0/24');
    await writePools(store, subnet, [{ start: '10.200.0.10', end: '10.200.0.10' }]);
    const gone = store.tx(async (tx) => {
      await giveAny(tx, [{ port: await newPort, subnet, position: 0, seed: 0 }]);
      throw new Error('something else went wrong');
    });
    await expect(gone).rejects.toThrow('something else');
    expect(await take(subnet, 0)).toBe(true);
  });

  it('of a large subnet that is nearly full are found without looking at all of it', async () => {
    const subnet = await putSubnet(store, network, '10.100.0.0/16');
    await writePools(store, subnet, [{ start: '10.100.0.1', end: '10.100.79.255' }]);
    newPort = port();
    await store.query({
      text: `insert into net_fixed_ips (subnet_id, ip, port_id) select $1, '10.100.0.0'::inet + n, $2 from generate_series(1, 20479) n where n % 97 <> 0`,
      values: [subnet, await newPort],
    });
    const read = await store.tx(async (tx) => {
      for (let n = 0; n < 40; n++) {
        const wanted = [{ port: await newPort, subnet, position: 0, seed: systemRandom.next() }];
        expect(await giveAny(tx, wanted)).toEqual([true]);
      }
      const text = `select pg_stat_get_xact_tuples_returned('net_fixed_ips_pkey'::regclass)::int as n`;
      return (await tx.query<{ n: number }>({ text }))[0]?.n ?? 0;
    });
    expect(read).toBeGreaterThan(40);
    expect(read).toBeLessThan(40 * 400);
  });
});

describe('numbers of networks', () => {
  it('are given once each, and all of them', async () => {
    const one = { networkId: network, index: 1, type: 'vxlan' as const, physicalNetwork: null, number: null };
    const spans = [
      { first: 100, last: 104 },
      { first: 200, last: 204 },
    ];
    await insertSegment(store, { ...one, number: 102 });
    const take_ = () => takeSegment(store, one, { spans, seed: systemRandom.next() });
    const ids = await Promise.all(Array.from({ length: 12 }, take_));
    expect(ids.filter((id) => id !== undefined)).toHaveLength(9);
    const rows = await store.query<{ id: string; n: number }>({
      text: `select id, segmentation_id as n from net_segments where network_type = 'vxlan' order by 2`,
    });
    expect(rows.map(({ n }) => n)).toEqual([100, 101, 102, 103, 104, 200, 201, 202, 203, 204]);
    await store.query({ text: 'delete from net_segments where segmentation_id = 203' });
    expect(await take_()).toBeDefined();
    expect(await take_()).toBeUndefined();
    expect(
      await put(store, 'net_segments', { id: newUuid(), network_id: network, network_type: 'local' }),
    ).toBeDefined();
  });
});
