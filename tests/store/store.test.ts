import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { openTestStore, type TestStore } from '#store/testing';

let at: TestStore;
beforeAll(async () => {
  at = await openTestStore();
  await at.store.query({
    text: `create table things (id int primary key, name text unique, n bigint not null default 0, doc json, at timestamptz,
                                parent int references things (id), check (n >= 0))`,
  });
});
afterAll(() => at.close());
beforeEach(async () => {
  await at.store.query({ text: 'truncate things' });
});

const count = async () => (await at.store.query<{ n: bigint }>({ text: 'select count(*) as n from things' }))[0]?.n;
const add = (id: number, name: string | null = null) => ({
  text: 'insert into things (id, name) values ($1, $2)',
  values: [id, name],
});

describe('values', () => {
  test('come out in the form that loses nothing', async () => {
    const [row] = await at.store.query({
      text: `select 9007199254740993::bigint as big, array[1::bigint, null] as bigs, '{"a": 1.10, "a": 2}'::json as doc,
        '{"b":1,"a":[1]}'::jsonb as docb, array['{"x": 1}'::json] as docs,
        '2026-11-21 03:40:00.120000+00'::timestamptz as t, '1999-12-31 23:00:00-05'::timestamptz as t2,
        array['2026-11-21 03:40:00+00'::timestamptz] as ts, 'infinity'::timestamptz as never, '2026-11-21'::date as d,
        1.5::float8 as f, 1.10::numeric as num, true as yes, null::timestamptz as nothing, '\\x00ff'::bytea as bytes,
        'AA:bb:cc:dd:ee:ff'::macaddr as mac`,
    });
    expect(row).toEqual({
      big: 9007199254740993n,
      bigs: [1n, null],
      doc: '{"a": 1.10, "a": 2}',
      docb: '{"a": [1], "b": 1}',
      docs: ['{"x": 1}'],
      t: '2026-11-21T03:40:00.12+00:00',
      t2: '2000-01-01T04:00:00+00:00',
      ts: ['2026-11-21T03:40:00+00:00'],
      never: 'infinity',
      d: '2026-11-21',
      f: 1.5,
      num: '1.10',
      yes: true,
      nothing: null,
      bytes: Buffer.from([0, 255]),
      mac: 'aa:bb:cc:dd:ee:ff',
    });
  });

  test('the role’s own time zone changes nothing', async () => {
    const other = new URL(at.url);
    other.searchParams.set('options', '-c TimeZone=Asia/Tokyo -c DateStyle=German -c search_path=public');
    const { openStore } = await import('#store/open');
    const store = await openStore({ databaseUrl: other.href, migrate: 'check' });
    expect(await store.query({ text: "select '2026-11-21 12:00+09'::timestamptz as t" })).toEqual([
      { t: '2026-11-21T03:00:00+00:00' },
    ]);
    await store.close();
  });
});

describe('statements', () => {
  test('a named one whose table changed is planned again', async () => {
    const { store } = at;
    const all = { name: 'things.all', text: 'select * from things' };
    await store.query(add(1));
    for (let i = 0; i < 12; i++) await store.query(all);
    await store.query({ text: 'alter table things add column extra text' });
    expect((await store.query(all))[0]).toHaveProperty('extra');
    await store.query({ text: 'alter table things drop column extra' });
    expect(await store.tx(async (tx) => (await tx.query(all)).length)).toBe(1);
  });

  test('errors say what happened, and never the values', async () => {
    const { store } = at;
    await store.query(add(1, 'hidden'));
    const failing = (text: string, values: unknown[] = []) => store.query({ text, values }).catch((e: unknown) => e);
    const cases: [unknown, string, number][] = [
      [await failing("insert into things (id, name) values (2, 'hidden')"), 'Conflict', 409],
      [await failing('insert into things (id, parent) values (3, 99)'), 'StillReferenced', 409],
      [await failing('insert into things (id, n) values (4, -1)'), 'BadValue', 400],
      [await failing('insert into things (id, name) values ($1, $2)', [5, 'a\u0000b']), 'BadValue', 400],
      [await failing('insert into things (id) values ($1)', ['99999999999']), 'BadValue', 400],
      [await failing("insert into things (id, doc) values (6, '{')"), 'BadValue', 400],
      [await failing('select nonsense'), 'QueryFailed', 500],
      [await failing('set transaction read only; insert into things (id) values (7)'), 'DatabaseReadOnly', 503],
    ];
    for (const [error, code, status] of cases) {
      expect(error).toBeInstanceOf(IngotError);
      expect(error).toMatchObject({ code, status });
      expect((error as Error).message).not.toContain('hidden');
    }
    expect(cases[0]?.[0]).toMatchObject({ details: { constraint: 'things_name_key', table: 'things' } });
    await expect(
      store.db
        .insertInto('things' as never)
        .values({ id: 1 } as never)
        .execute(),
    ).rejects.toMatchObject({
      code: 'Conflict',
    });
  });

  test('deadlines: of a statement, and of waiting for a connection', async () => {
    const slow = await openTestStore({ maxConnections: 1, deadlines: { statement: 300, connect: 400 } });
    await expect(slow.store.query({ text: 'select pg_sleep(5)' })).rejects.toMatchObject({
      code: 'DatabaseBusy',
      status: 503,
      retryAfter: 1,
    });
    const held = slow.store.tx(async () => systemClock.sleep(900));
    const from = systemClock.monotonic();
    await expect(slow.store.query({ text: 'select 1' })).rejects.toMatchObject({
      code: 'DatabaseUnavailable',
      message: expect.stringContaining('no connection became free'),
    });
    expect(systemClock.monotonic() - from).toBeLessThan(800);
    await held;
    expect(await slow.store.query({ text: 'select 1 as n' })).toEqual([{ n: 1 }]);
    await slow.close();
  });
});

describe('transactions', () => {
  test('commit all or nothing', async () => {
    const { store } = at;
    await store.tx(async (tx) => {
      await tx.query(add(1));
      await tx.db
        .insertInto('things' as never)
        .values({ id: 2 } as never)
        .execute();
      await tx.client.query('insert into things (id) values ($1)', [3]);
    });
    expect(await count()).toBe(3n);
    await expect(
      store.tx(async (tx) => {
        await tx.query(add(4));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await count()).toBe(3n);
  });

  test('the last statement commits by itself, and only when it was done', async () => {
    const told: string[] = [];
    const seen = await at.store.tx(async (tx) => {
      await tx.query(add(1));
      tx.afterCommit(() => told.push('after'));
      const rows = await tx.last<{ n: bigint }>({
        text: 'select count(*) as n from things where id < $1',
        values: [9],
      });
      expect(await count()).toBe(1n);
      await expect(tx.query(add(2))).rejects.toMatchObject({ code: 'QueryFailed' });
      return rows;
    });
    expect(seen).toEqual([{ n: 1n }]);
    expect(told).toEqual(['after']);
    // One statement is a whole transaction.
    expect(await at.store.tx((tx) => tx.last(add(2)))).toEqual([]);
    await expect(at.store.tx((tx) => tx.query(add(3)).then(() => tx.last(add(1))))).rejects.toMatchObject({
      code: 'Conflict',
    });
    // Its values cannot be sent: nothing may be committed then.
    const broken = {
      text: 'select $1::text',
      values: [
        {
          toPostgres: () => {
            throw new Error('no value');
          },
        },
      ],
    };
    await expect(at.store.tx((tx) => tx.query(add(4)).then(() => tx.last(broken)))).rejects.toThrow('no value');
    await expect(at.store.tx((tx) => tx.last(broken))).rejects.toThrow('no value');
    const swallowed = at.store.tx(async (tx) => {
      await tx.query(add(5));
      await tx.query(add(1)).catch(() => {});
      await tx.last({ text: 'select $1::int', values: [1] }).catch(() => {});
    });
    await expect(swallowed).rejects.toMatchObject({ code: 'QueryFailed' });
    // What is thrown later undoes nothing, and is not tried again.
    let times = 0;
    const late = at.store.tx(async (tx) => {
      times++;
      await tx.last(add(6));
      throw Object.assign(new Error('late'), { code: '40001' });
    });
    await expect(late).rejects.toMatchObject({ code: 'DatabaseBusy' });
    expect(times).toBe(1);
    const rows = await at.store.query<{ id: number }>({ text: 'select id from things order by id' });
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 6]);
  });

  test('with nothing asked there is nothing to begin', async () => {
    expect(await at.store.tx(async () => 7)).toBe(7);
    await expect(at.store.tx(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  test('an ignored error does not pass for a commit', async () => {
    await expect(
      at.store.tx(async (tx) => {
        await tx.query(add(1));
        await tx.query(add(1)).catch(() => {});
      }),
    ).rejects.toMatchObject({ code: 'QueryFailed' });
    expect(await count()).toBe(0n);
  });

  test('lost updates and deadlocks are tried again', async () => {
    const { store } = at;
    await store.query(add(1));
    await store.query(add(2));
    let attempts = 0;
    const bump = (first: number, second: number) =>
      store.tx(async (tx) => {
        attempts += 1;
        await tx.query({ text: 'update things set n = n + 1 where id = $1', values: [first] });
        await systemClock.sleep(60);
        await tx.query({ text: 'update things set n = n + 1 where id = $1', values: [second] });
      });
    await Promise.all([bump(1, 2), bump(2, 1)]);
    expect(attempts).toBeGreaterThan(2);
    expect(await store.query({ text: 'select n from things order by id' })).toEqual([{ n: 2n }, { n: 2n }]);
    let tries = 0;
    await expect(
      store.tx(async (tx) => {
        tries += 1;
        await tx.query({ text: "do $$ begin raise exception using errcode = '40001'; end $$" });
      }),
    ).rejects.toMatchObject({ code: 'DatabaseBusy', retryAfter: 1 });
    expect(tries).toBe(4);
  });

  test('a transaction inside is refused, and use after the end too', async () => {
    const { store } = at;
    await expect(store.tx((tx) => tx.db.transaction().execute(async () => {}))).rejects.toMatchObject({
      code: 'QueryFailed',
    });
    let kept: Parameters<Parameters<typeof store.tx>[0]>[0] | undefined;
    await store.tx(async (tx) => {
      kept = tx;
    });
    await expect(kept?.query({ text: 'select 1' })).rejects.toThrow('has ended');
    await expect(sql`select 1`.execute(kept?.db ?? store.db)).rejects.toThrow('has ended');
  });

  test('the engine’s client: plain, with the driver’s own values', async () => {
    await at.store.tx(async (tx) => {
      expect(Object.keys(tx.client)).toContain('query');
      const { rows } = await tx.client.query("select 1::bigint as n, '{}'::json as j");
      expect(rows).toEqual([{ n: '1', j: {} }]);
    });
  });

  test('a lost connection: the transaction fails, the next one works', async () => {
    const { store } = at;
    await expect(
      store.tx(async (tx) => {
        await tx.query(add(1));
        const [me] = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
        await store.query({ text: 'select pg_terminate_backend($1)', values: [me?.pid] });
        await systemClock.sleep(20);
        await tx.query(add(2));
      }),
    ).rejects.toMatchObject({ code: 'DatabaseUnavailable', retryAfter: 1 });
    expect(await count()).toBe(0n);
    await store.tx((tx) => tx.query(add(1)));
  });

  test('what runs after a commit runs in order, only then, and may fail', async () => {
    const { store } = at;
    const seen: string[] = [];
    await store.tx(async (tx) => {
      tx.afterCommit(() => seen.push('a'));
      tx.afterCommit(() => {
        throw new Error('broken');
      });
      tx.afterCommit(() => seen.push('b'));
      await tx.query(add(1));
      expect(seen).toEqual([]);
    });
    expect(seen).toEqual(['a', 'b']);
    await store
      .tx(async (tx) => {
        tx.afterCommit(() => seen.push('c'));
        throw new Error('no');
      })
      .catch(() => {});
    expect(seen).toEqual(['a', 'b']);
  });
});
