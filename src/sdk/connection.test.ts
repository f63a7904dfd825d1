import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random';
import { systemClock } from '#kernel/clock';
import { noAuth } from './auth/plain.ts';
import { Connection } from './connection.ts';
import { errorSentence } from './error-body.ts';
import { EventLines } from './event-lines.ts';
import { baremetal } from './generated/baremetal.ts';
import { identity } from './generated/identity.ts';
import { Microversion } from './microversion.ts';
import { pages } from './pages.ts';

interface Asked {
  url: string;
  method: string | undefined;
  headers: Record<string, string>;
  body: unknown;
}

/** A connection whose server gives these replies, one after another; and what it was asked, and how long it waited. */
function against(replies: Response[], parts: { version?: string; mount?: string; endpoint?: string } = {}) {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const connection = new Connection({
    auth: noAuth(parts.endpoint ?? 'http://server:6385/'),
    fetch: (url, { method, headers, body }) => {
      asked.push({ url, method, headers: headers as Record<string, string>, body });
      return Promise.resolve(replies.shift() as Response);
    },
    wish: { serviceType: 'baremetal', region: '', interface: 'public' },
    version: new Microversion(parts.version),
    ...(parts.mount === undefined ? {} : { mount: parts.mount }),
    clock: {
      ...systemClock,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    },
    random: { ...seededRandom(1), next: () => 0 },
  });
  return { connection, asked, waits };
}

const reply = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
const ironic = (text: string) => ({ error_message: JSON.stringify({ faultstring: text, faultcode: 'Client' }) });

describe('Connection', () => {
  it('fills in the path and query, and speaks the newest version', async () => {
    const { connection, asked } = against([reply(200, { name: 'n 1' })]);
    const node = await connection.call(baremetal.nodeShow, {
      params: { node_ident: 'a/b' },
      query: { fields: ['uuid', 'name'] },
    });
    expect(node.name).toBe('n 1');
    expect(asked[0]?.url).toBe('http://server:6385/v1/nodes/a%2Fb?fields=uuid%2Cname');
    expect(asked[0]?.headers['X-OpenStack-Ironic-API-Version']).toBe('1.115');
  });

  it('settles on an older server and remembers it', async () => {
    const max = { 'X-OpenStack-Ironic-API-Maximum-Version': '1.82' };
    const { connection, asked } = against([reply(406, {}, max), reply(200, {}), reply(200, {})]);
    await connection.call(baremetal.nodeList, {});
    await connection.call(baremetal.nodeList, {});
    expect(asked.map(({ headers }) => headers['X-OpenStack-Ironic-API-Version'])).toEqual(['1.115', '1.82', '1.82']);
    const fixed = against([reply(406, ironic('no'), max)], { version: '1.90' });
    await expect(fixed.connection.call(baremetal.nodeList, {})).rejects.toMatchObject({ status: 406 });
  });

  it('says so when an operation is newer than the server', async () => {
    const old = against([reply(406, {}, { 'X-OpenStack-Ironic-API-Maximum-Version': '1.50' })]);
    await expect(old.connection.call(baremetal.runbookList, {})).rejects.toThrow('runbook.list needs API 1.92');
  });

  it('waits for a locked node as long as it says, and not for ever', async () => {
    const locked = () => reply(409, ironic('locked'), { 'Retry-After': '2' });
    const once = against([locked(), reply(202, {})]);
    await once.connection.loose(baremetal.nodeStatesPower, { params: { node_ident: 'n' }, body: {} });
    expect(once.waits).toEqual([2000]);
    const ever = against(Array.from({ length: 9 }, locked));
    const call = ever.connection.loose(baremetal.nodeDelete, { params: { node_ident: 'n' } });
    await expect(call).rejects.toMatchObject({ status: 409, message: 'locked' });
    expect(ever.asked).toHaveLength(6);
  });

  it('asks a busy server again, and never a conflict that stays', async () => {
    const busy = against([reply(503, {}), reply(503, {}), reply(200, {})]);
    await busy.connection.call(baremetal.nodeList, {});
    expect(busy.waits).toEqual([500, 1000]);
    const taken = against([reply(409, ironic('name taken'), { 'X-Openstack-Request-Id': 'req-1' })]);
    await expect(taken.connection.loose(baremetal.nodeCreate, { body: {} })).rejects.toMatchObject({
      message: 'name taken',
      requestId: 'req-1',
    });
  });

  it('never deletes a collection for want of a name', async () => {
    const { connection, asked } = against([]);
    await expect(connection.loose(baremetal.nodeDelete, { params: { node_ident: '' } })).rejects.toThrow('is missing');
    expect(asked).toEqual([]);
  });

  it('finds the service under any form of its address', async () => {
    for (const endpoint of ['http://ks:5000/v3', 'http://ks:5000', 'http://ks/identity/v3/']) {
      const { connection, asked } = against([reply(200, {})], { endpoint, mount: '/identity' });
      await connection.loose(identity.userList, {});
      expect(asked[0]?.url).toBe(`${endpoint.replace(/\/(v3\/?)?$/, '')}/v3/users`);
    }
  });

  it('walks pages by their marker alone', async () => {
    const next = 'http://elsewhere/v1/nodes?limit=2&marker=b';
    const { connection, asked } = against([
      reply(200, { nodes: [{ uuid: 'a' }, { uuid: 'b' }], next }),
      reply(200, { nodes: [{ uuid: 'c' }] }),
    ]);
    const rows: unknown[] = [];
    for await (const row of pages(connection, baremetal.nodeList, {}, { key: 'nodes' })) rows.push(row['uuid']);
    expect(rows).toEqual(['a', 'b', 'c']);
    expect(asked[1]?.url).toBe('http://server:6385/v1/nodes?marker=b');
    const turning = against(Array.from({ length: 3 }, () => reply(200, { nodes: [{ uuid: 'b' }], next })));
    const walk = async () => {
      for await (const row of pages(turning.connection, baremetal.nodeList, {}, { key: 'nodes' })) rows.push(row);
    };
    await expect(walk()).rejects.toThrow('do not come to an end');
  });
});

describe('errorSentence', () => {
  it.each([
    [JSON.stringify(ironic('no such node')), 'no such node'],
    [JSON.stringify({ error_message: JSON.stringify({ code: 404, description: 'nowhere' }) }), 'nowhere'],
    [JSON.stringify({ error_message: { faultstring: 'plain' } }), 'plain'],
    [JSON.stringify({ error: { message: 'from Keystone' } }), 'from Keystone'],
    ['<html>\nbad gateway', '<html>'],
    ['', ''],
    ['{}', ''],
  ])('%#', (body, sentence) => expect(errorSentence(body)).toBe(sentence));
});

describe('EventLines', () => {
  it('finds the same events however the stream is cut', () => {
    const text = 'retry: 1\r\n\r\nid: 1\nevent: nodes\ndata: {"a":\ndata: 1}\n\n: beat\n\ndata: x\n\n';
    const whole = new EventLines().push(text);
    expect(whole).toEqual([
      { event: 'nodes', data: '{"a":\n1}', id: '1' },
      { event: 'message', data: 'x', id: '1' },
    ]);
    const lines = new EventLines();
    expect([...text].flatMap((char) => lines.push(char))).toEqual(whole);
  });
});
