import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { seededRandom } from '#kernel/random';
import { selfSigned } from '#kernel/certificate';
import type { OvsdbClient } from '#protocols/ovsdb/client';
import { byUuid, type Operation } from '#protocols/ovsdb/operations';
import { NamedUuid, type Row } from '#protocols/ovsdb/values';
import {
  addSwitch,
  client,
  NB_SCHEMA,
  openServer,
  scratchDir,
  serve,
  type TestServer,
  tool,
  until,
} from './database.ts';

const servers: TestServer[] = [];
const clients: OvsdbClient[] = [];
const server = async (more?: readonly string[]) => {
  const made = await openServer(more);
  servers.push(made);
  return made;
};
const connect = async (...args: Parameters<typeof client>) => {
  const made = client(...args);
  clients.push(made);
  await made.ready(20_000);
  return made;
};
const names = (from: OvsdbClient) => [...from.cache.table('Logical_Switch').values()].map((row) => row['name']).sort();

afterEach(async () => {
  for (const one of clients.splice(0)) await one.close();
  for (const one of servers.splice(0)) await one.stop();
});

describe('the OVSDB client', () => {
  test('transactions are seen in the cache by the time they are answered', async () => {
    const { remote } = await server();
    const one = await connect(remote);
    const results = await one.transact([
      { op: 'insert', table: 'Logical_Switch_Port', name: 'p', row: { name: 'port', addresses: ['unknown'], tag: 7 } },
      {
        op: 'insert',
        table: 'Logical_Switch',
        row: { name: 's', ports: [new NamedUuid('p')], external_ids: { a: 'b' } },
      },
    ]);
    const [port, wire] = results.map((result) => result.uuid as string);
    expect(one.cache.row('Logical_Switch', wire as string)).toEqual({
      name: 's',
      ports: new Set([port]),
      external_ids: new Map([['a', 'b']]),
    });
    expect(one.cache.row('Logical_Switch_Port', port as string)).toEqual({
      name: 'port',
      addresses: new Set(['unknown']),
      tag: 7,
    });
    const told: (Row | null)[] = [];
    one.onChange((changes) => told.push(...changes.map((change) => change.row)));
    await one.transact([
      {
        op: 'update',
        table: 'Logical_Switch_Port',
        where: byUuid(port as string),
        row: { tag: null, addresses: ['a', 'b'] },
      },
      {
        op: 'mutate',
        table: 'Logical_Switch',
        where: byUuid(wire as string),
        mutations: [
          ['external_ids', 'delete', ['a']],
          ['external_ids', 'insert', new Map([['c', 'd']])],
        ],
      },
    ]);
    expect(one.cache.row('Logical_Switch_Port', port as string)).toMatchObject({
      tag: null,
      addresses: new Set(['a', 'b']),
    });
    expect(one.cache.row('Logical_Switch', wire as string)?.['external_ids']).toEqual(new Map([['c', 'd']]));
    expect(told).toHaveLength(2);
    const [gone] = await one.transact([{ op: 'delete', table: 'Logical_Switch', where: byUuid(wire as string) }]);
    expect(gone).toEqual({ count: 1 });
    // The port went with its switch: nothing refers to it.
    expect(one.cache.size).toBe(0);
  });

  test('a guard that does not hold, a name that is taken, a column that is none: all or nothing', async () => {
    const { remote } = await server();
    const one = await connect(remote);
    const guard = (value: string): Operation => ({
      op: 'wait',
      table: 'Logical_Switch',
      where: [['name', '==', 'a']],
      columns: ['name'],
      until: '==',
      rows: [{ name: value }],
    });
    await one.transact([addSwitch('a')]);
    await expect(one.transact([addSwitch('b'), guard('x')])).rejects.toMatchObject({
      code: 'OvsdbRefused',
      details: { error: 'timed out' },
    });
    const port: Operation = { op: 'insert', table: 'Logical_Switch_Port', name: 'p', row: { name: 'twin' } };
    const twins: Operation[] = [
      port,
      { ...port, name: 'q' },
      { op: 'insert', table: 'Logical_Switch', row: { ports: [new NamedUuid('p'), new NamedUuid('q')] } },
    ];
    await expect(one.transact(twins)).rejects.toMatchObject({ details: { error: 'constraint violation' } });
    const unknown: Operation = { op: 'insert', table: 'Logical_Switch', row: { colour: 'red' } };
    await expect(one.transact([unknown])).rejects.toMatchObject({ code: 'OvsdbNoColumn' });
    const wrong: Operation = { op: 'insert', table: 'Logical_Switch', row: { name: 7 } };
    await expect(one.transact([wrong])).rejects.toMatchObject({ code: 'OvsdbBadValue' });
    expect(names(one)).toEqual(['a']);
    await one.transact([addSwitch('c'), guard('a')]);
    expect(names(one)).toEqual(['a', 'c']);
  });

  test('comes back after the server was killed, and learns what happened meanwhile, deletions too', async () => {
    const made = await server();
    const one = await connect(made.remote);
    await one.transact([addSwitch('stays'), addSwitch('goes')]);
    await made.kill();
    await until(() => !one.connected, 'the loss to be noticed');
    await expect(one.transact([addSwitch('x')])).rejects.toMatchObject({ code: 'OvsdbUnreachable' });
    const file = join(made.dir, 'nb.db');
    const change = [
      'OVN_Northbound',
      { op: 'delete', table: 'Logical_Switch', where: [['name', '==', 'goes']] },
      { op: 'insert', table: 'Logical_Switch', row: { name: 'new' } },
    ];
    await tool('ovsdb-tool', 'transact', file, JSON.stringify(change));
    const told: [unknown, unknown][] = [];
    one.onChange((changes) => told.push(...changes.map((c): [unknown, unknown] => [c.old?.['name'], c.row?.['name']])));
    await made.restart();
    await one.ready(20_000);
    expect(names(one)).toEqual(['new', 'stays']);
    expect(told.sort()).toEqual(
      [
        ['goes', undefined],
        [undefined, 'new'],
      ].sort(),
    );
  });

  test('a server that says nothing any more counts as gone', async () => {
    const made = await server();
    const one = await connect(made.remote, { probeMs: 300 });
    // A quiet server is no dead one: it answers the echo.
    await systemClock.sleep(1500);
    expect(one.connected).toBe(true);
    made.child.kill('SIGSTOP');
    await until(() => !one.connected, 'the silence to be noticed');
    await expect(one.ready(200)).rejects.toMatchObject({ code: 'OvsdbUnreachable' });
    made.child.kill('SIGCONT');
    await one.ready(20_000);
  });

  test('one of two holds the lock; the other gets it when the first goes; nobody writes without it', async () => {
    const { remote } = await server();
    const one = await connect(remote, { lock: 'ours' });
    const two = await connect(remote, { lock: 'ours' });
    await until(() => one.locked, 'the lock');
    expect(two.locked).toBe(false);
    const locked: Operation = { op: 'assert', lock: 'ours' };
    await one.transact([locked, addSwitch('one')]);
    await expect(two.transact([locked, addSwitch('two')])).rejects.toMatchObject({ details: { error: 'not owner' } });
    await one.close();
    await until(() => two.locked, 'the lock to come over');
    await two.transact([locked, addSwitch('two')]);
    await until(() => names(two).length === 2, 'both');
  });

  test('over TLS, and not with a server of another authority', async () => {
    const dir = await scratchDir();
    const dates = { organization: 'test', notBefore: new Date('2020-01-01'), notAfter: new Date('2050-01-01') };
    const ours = selfSigned({ commonName: 'ovn', names: ['ovn'], ...dates }, seededRandom(1));
    const other = selfSigned({ commonName: 'other', names: ['ovn'], ...dates }, seededRandom(2));
    await writeFile(join(dir, 'cert.pem'), ours.cert);
    await writeFile(join(dir, 'key.pem'), ours.key, { mode: 0o600 });
    const keys = [`--private-key=${join(dir, 'key.pem')}`, `--certificate=${join(dir, 'cert.pem')}`];
    const made = await server([...keys, `--ca-cert=${join(dir, 'cert.pem')}`, '--remote=pssl:0:127.0.0.1']);
    const port = await listening(made.child.pid as number);
    const one = await connect(`ssl:127.0.0.1:${port}`, { tls: { ca: ours.cert, cert: ours.cert, key: ours.key } });
    await one.transact([addSwitch('sealed')]);
    expect(names(one)).toEqual(['sealed']);
    const stranger = client(`ssl:127.0.0.1:${port}`, { tls: { ca: other.cert, cert: ours.cert, key: ours.key } });
    clients.push(stranger);
    await expect(stranger.ready(1500)).rejects.toMatchObject({
      message: expect.stringMatching(/self-signed|certificate/),
    });
    await rm(dir, { recursive: true, force: true });
  });

  test('any operations of two clients: both caches hold what the database holds', async () => {
    const { remote } = await server();
    const both = [await connect(remote), await connect(remote)];
    const step = fc.record({
      who: fc.nat(1),
      what: fc.constantFrom('insert', 'update', 'mutate', 'delete'),
      name: fc.constantFrom('a', 'b', 'c'),
      ids: fc.dictionary(fc.constantFrom('k', 'l', 'm'), fc.string({ maxLength: 3 })),
    });
    const operation = ({ what, name, ids }: { what: string; name: string; ids: Record<string, string> }): Operation => {
      const table = 'Logical_Switch';
      const where = [['name', '==', name]] as const;
      if (what === 'insert') return { op: 'insert', table, row: { name, external_ids: ids } };
      if (what === 'update') return { op: 'update', table, where, row: { external_ids: ids } };
      if (what === 'delete') return { op: 'delete', table, where };
      return { op: 'mutate', table, where, mutations: [['external_ids', 'insert', ids]] };
    };
    const content = (from: OvsdbClient) =>
      [...from.cache.table('Logical_Switch')].map(([uuid, row]) => [uuid, row['name'], row['external_ids']]).sort();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const answers = steps.map((one) => (both[one.who] as OvsdbClient).transact([operation(one)]));
        await Promise.all(answers);
        // An answer comes after all earlier changes were told.
        await Promise.all(both.map((one) => one.transact([])));
        const all: Operation = {
          op: 'select',
          table: 'Logical_Switch',
          where: [],
          columns: ['_uuid', 'name', 'external_ids'],
        };
        const [truth] = await (both[0] as OvsdbClient).transact([all]);
        const rows = truth?.rows?.map((row) => [
          (row['_uuid'] as string[])[1],
          row['name'],
          new Map((row['external_ids'] as [string, [string, string][]])[1]),
        ]);
        for (const one of both) expect(content(one)).toEqual(rows?.sort());
      }),
      { numRuns: 40 },
    );
  });

  test('in a cluster: talks to the leader, and follows it', async () => {
    const dir = await scratchDir();
    const raft = (n: number) => `unix:${join(dir, `raft${n}`)}`;
    await tool('ovsdb-tool', 'create-cluster', join(dir, 'n1.db'), NB_SCHEMA, raft(1));
    const members = [await serve(dir, 'n1')];
    for (const n of [2, 3]) {
      await tool('ovsdb-tool', 'join-cluster', join(dir, `n${n}.db`), 'OVN_Northbound', raft(n), raft(1));
      const member = await serve(dir, `n${n}`);
      members.push(member);
      await tool('ovsdb-client', 'wait', member.remote, 'OVN_Northbound', 'connected');
    }
    servers.push(...members);
    const all = members.map((member) => member.remote);
    // The leader last, so that the others must be passed over.
    const one = await connect([...all].reverse().join(','));
    expect(one.status().remote).toBe(all[0]);
    await one.transact([addSwitch('before')]);
    await members[0]?.kill();
    await until(() => !one.connected, 'the loss of the leader');
    await one.ready(60_000);
    expect(all.slice(1)).toContain(one.status().remote);
    await until(() => names(one).length === 1, 'the rows');
    await one.transact([addSwitch('after')]);
    expect(names(one)).toEqual(['after', 'before']);
  });
});

/** The TCP port a process listens on. */
async function listening(pid: number): Promise<number> {
  let port = 0;
  await until(async () => {
    const stdout = await tool('ss', '-Hltnp');
    const line = stdout.split('\n').find((text) => text.includes(`pid=${pid},`));
    port = Number(/:(\d+)\s/.exec(line ?? '')?.[1] ?? 0);
    return port > 0;
  }, 'a listening port');
  return port;
}
