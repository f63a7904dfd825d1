import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock';
import { type Cloud, type Json, openCloud } from './cloud.ts';

describe('the audit records', () => {
  let cloud: Cloud;
  let admin: string;

  beforeAll(async () => {
    cloud = await openCloud();
    admin = await cloud.admin();
  });
  afterAll(() => cloud.close());

  const events = async (query = ''): Promise<Json[]> =>
    (await cloud.want(200, 'GET', `/audit/events?limit=1000${query}`, admin)).events;
  const settled = async () => {
    for (let i = 0; i < 100; i++) {
      const found = await cloud.want(200, 'GET', '/audit/verify', admin);
      if (found.pending === 0) return found;
      await systemClock.sleep(50);
    }
    throw new Error('the chain did not catch up');
  };
  /** Does what only the owner of the database could. */
  const tamper = async (sql: string) => {
    const client = new pg.Client(cloud.adminUrl);
    await client.connect();
    try {
      await client.query('set session_replication_role = replica'); // the triggers do not see this session
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };

  it('name actor, action, target and outcome of each call that changes something, and no other', async () => {
    const before = (await events()).length;
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'ann', password: 'S3CR3T-ann' },
    });
    await cloud.want(409, 'POST', '/v3/users', admin, { user: { name: 'ann', password: 'S3CR3T-ann' } });
    await cloud.want(200, 'GET', '/v3/users', admin);
    await cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, { user: { description: 'x' } });
    await cloud.want(404, 'DELETE', '/v3/users/nobody', admin);
    await cloud.want(401, 'DELETE', `/v3/users/${user.id}`);
    const made = (await events()).slice(0, -before || undefined).reverse();
    expect(made.map((event) => [event.action, event.outcome, event.reason.reasonCode])).toEqual([
      ['create/user', 'success', '201'],
      ['create/user', 'failure', '409'],
      ['update/user', 'success', '200'],
      ['delete/user', 'failure', '404'],
      ['delete/user', 'failure', '401'],
    ]);
    expect(made[2]).toMatchObject({
      typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
      initiator: { name: 'admin', project_id: expect.any(String), host: { address: '127.0.0.1' } },
      target: { id: user.id, typeURI: 'service/security/user' },
      requestPath: `/identity/v3/users/${user.id}`,
      requestId: expect.stringMatching(/^req-/),
    });
    expect(made[4].initiator.id).toBeNull();
    expect(JSON.stringify(made)).not.toContain('S3CR3T');
    const logins = await events('&action=authenticate/token');
    expect(logins.length).toBeGreaterThan(0);
  });

  it('are the operators alone to read', async () => {
    await cloud.want(401, 'GET', '/audit/events');
    const lost = await cloud.token('ann', 'S3CR3T-ann');
    await cloud.want(403, 'GET', '/audit/events', lost);
    await cloud.want(403, 'GET', '/audit/verify', lost);
  });

  it('come page by page', async () => {
    const all = await events();
    const page = await cloud.want(200, 'GET', '/audit/events?limit=2', admin);
    const next = await cloud.want(
      200,
      'GET',
      new URL(page.links.next).pathname + new URL(page.links.next).search,
      admin,
    );
    expect([...page.events, ...next.events].map((e: Json) => e.id)).toEqual(all.slice(0, 4).map((e) => e.id));
  });

  it('are chained in the background, in parallel work too, and hold', async () => {
    const other = await cloud.another();
    const post = (i: number) => ({
      method: 'POST' as const,
      url: '/identity/v3/regions',
      headers: { 'x-auth-token': admin },
      body: { region: { id: `r${i}` } },
    });
    await Promise.all(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? cloud : other).server.inject(post(i))));
    const found = await settled();
    expect(found).toMatchObject({ ok: true, problems: [], pending: 0 });
    expect(found.chained).toBe((await events()).length);
    expect(found.head.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('cannot be changed, not even by us', async () => {
    const { store } = cloud;
    for (const text of [
      `update audit_records set outcome = 'success'`,
      'delete from audit_records',
      'truncate audit_records cascade',
      `update audit_chain set hash = ''`,
      'delete from audit_chain',
    ]) {
      await expect(store.query({ text })).rejects.toThrow();
    }
  });

  it('show every kind of tampering', async () => {
    const changed =
      "update audit_records set outcome = outcome || 'x' where id = (select min(id) + 3 from audit_records)";
    await tamper(changed);
    expect((await settled()).problems).toEqual([expect.stringContaining('position 4')]);
    await tamper("update audit_records set outcome = replace(outcome, 'x', '')");
    expect((await settled()).ok).toBe(true);

    const { rows } = await tamper(
      'delete from audit_records where id = (select min(id) + 4 from audit_records) returning *',
    );
    expect((await settled()).problems).toEqual(['the record at position 5 is missing']);
    const [row] = rows;
    await tamper(`delete from audit_chain where record_id = ${row.id}`);
    const gap = (await settled()).problems;
    expect(gap).toContain('positions 5 to 5 are missing');
    expect(gap).toHaveLength(2);

    const forged = `insert into audit_records (outcome, action, record, mark) values ('success', 'create/node', '{"a":1}', '\\x00') returning id`;
    const { rows: made } = await tamper(forged);
    expect((await settled()).problems).toContain('1 record(s) were put beside the chain');
    await tamper(`insert into audit_pending values (${made[0].id})`);
    await cloud.want(201, 'POST', '/v3/regions', admin, { region: { id: 'last' } });
    // The chain is written a moment after what it is of.
    await expect.poll(async () => (await settled()).problems.join()).toContain('was not made by this program');
  });

  it('of strangers are counted when they are a flood', async () => {
    const before = (await events()).length;
    await Promise.all(Array.from({ length: 400 }, () => cloud.send('DELETE', '/v3/users/x', 'a.b.c')));
    await cloud.want(201, 'POST', '/v3/regions', admin, { region: { id: 'after-flood' } });
    const made = (await events()).slice(0, -before);
    expect(made.length).toBeLessThan(200);
    expect(made[0].refusedStrangersNotRecorded).toBeGreaterThan(200);
  });
});
