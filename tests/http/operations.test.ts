import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChangeStory, Changed, EventSource } from '#http/event-hub';
import type { Operations } from '#http/operations-door';
import type { ApiServer, ServerOptions } from '#http/server';
import { type Clock, systemClock } from '#kernel/clock';
import { RawClient } from './raw-client.ts';
import { sampleServer } from './sample.ts';

let server: ApiServer | undefined;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server?.close(500);
});

/** A feed by hand: rows belong to the project their id begins with. */
function feed() {
  const listeners = new Set<(change: Changed) => void>();
  const asked: (readonly Changed[])[] = [];
  const source: EventSource = {
    subscribe(_topic, fn) {
      listeners.add(fn);
      return () => void listeners.delete(fn);
    },
    async describe(changes) {
      asked.push(changes);
      if (changes.some(({ id }) => id === 'broken')) throw new Error('no database');
      return changes.map(
        ({ topic, id }): ChangeStory => ({
          topic,
          id,
          data: { n: id },
          rule: 'thing:get',
          target: { owner: id.split('-')[0] ?? '' },
        }),
      );
    },
  };
  const change = (id: string, topic = 'node') => {
    for (const fn of listeners) fn({ topic, id });
  };
  return { source, change, asked };
}

async function open(operations: Partial<Operations>, options: Partial<ServerOptions> = {}) {
  server = await sampleServer({
    operations: { ready: async () => ({ ready: true, reasons: [] }), ...operations },
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const stream = (token = 'admin', query = '', head = '') => {
    const client = new RawClient(port).send(
      `GET /events${query} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\n${head}\r\n`,
    );
    clients.push(client);
    return client.until(({ text }) => text.includes('\n\n') || /HTTP\/1\.1 [45]/.test(text));
  };
  return { server, port, stream };
}
/** What the kernel may hold of a connection that nobody reads, in bytes: the largest buffers of its two ends. */
const kernelHolds = () =>
  ['rmem', 'wmem'].reduce((sum, name) => {
    const [, , most] = readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, 'utf8').trim().split(/\s+/);
    return sum + Number(most);
  }, 0);
const ids = (client: RawClient) => [...client.text.matchAll(/"id":"([^"]+)"/g)].map((match) => match[1]);

describe('/events', () => {
  it('tells each caller what it may see, once, however often it changed', async () => {
    const { source, change, asked } = feed();
    const { stream } = await open({ events: source });
    const [admin, second, reader] = await Promise.all([stream(), stream(), stream('reader')]);
    for (let i = 0; i < 100; i++) change('p1-a');
    change('p2-b');
    await admin.until((client) => ids(client).length === 2);
    await reader.until((client) => ids(client).length === 1);
    await second.until((client) => ids(client).length === 2);
    expect(ids(reader)).toEqual(['p1-a']);
    expect(asked).toEqual([
      [
        { topic: 'node', id: 'p1-a' },
        { topic: 'node', id: 'p2-b' },
      ],
    ]);
    expect(admin.text).toMatch(/id: \w{8}-1\nevent: node\ndata: {"id":"p1-a","data":{"n":"p1-a"}}\n\n/);
  });

  it('needs to know who calls, and takes only topics', async () => {
    const { stream } = await open({ events: feed().source });
    expect((await stream('nobody')).statuses).toEqual([401]);
    expect((await stream('admin', '?bogus=1')).statuses).toEqual([400]);
    expect((await stream('reader')).statuses).toEqual([200]);
  });

  it('can be narrowed to topics, and asks to read again when anything may have changed', async () => {
    const { source, change } = feed();
    const { stream } = await open({ events: source });
    const narrow = await stream('admin', '?topics=port,other');
    const wide = await stream();
    change('p1-a');
    change('p1-b', 'port');
    change('*', 'port');
    change('broken', 'other');
    await wide.until(({ text }) => text.includes('resync'));
    await narrow.until(({ text }) => text.includes('resync'));
    expect(narrow.text).not.toContain('p1-a');
  });

  it('tells what was missed to a stream that comes back, or asks it to read again', async () => {
    const { source, change } = feed();
    const { stream } = await open({ events: source });
    const first = await stream();
    change('p1-a');
    await first.until((client) => ids(client).length === 1);
    const seen = [...first.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] as string;
    change('p1-b');
    change('p2-c');
    await first.until((client) => ids(client).length === 3);
    expect(
      ids(await (await stream('admin', '', `Last-Event-ID: ${seen}\r\n`)).until((c) => ids(c).length === 2)),
    ).toEqual(['p1-b', 'p2-c']);
    expect(
      ids(await (await stream('reader', '', `Last-Event-ID: ${seen}\r\n`)).until((c) => ids(c).length === 1)),
    ).toEqual(['p1-b']);
    for (const odd of ['other-1', 'x', '', `${seen.split('-')[0]}-999`, '\xff', '-', 'a-b-c']) {
      const back = await stream('admin', '', `Last-Event-ID: ${odd}\r\n`);
      await back.until(({ text }) => text.includes('hello'));
      if (odd !== '') await back.until(({ text }) => text.includes('resync'));
    }
  });

  it('asks to read again when changes happened while nobody listened', async () => {
    const { source, change, asked } = feed();
    const { server, stream } = await open({ events: source });
    const first = await stream();
    const seen = /^id: (.*)$/m.exec(first.text)?.[1] as string;
    first.destroy();
    while (server.inFlight > 0) await systemClock.sleep(5);
    change('p1-a');
    const back = await stream('admin', '', `Last-Event-ID: ${seen}\r\n`);
    await back.until(({ text }) => text.includes('resync'));
    expect(asked).toEqual([]);
  });

  it('drops a reader that does not read, and tells the others on', async () => {
    const { source, change } = feed();
    // The last words wait for a reader for seconds, which a busy host may need for what is before them: here, for a minute.
    const clock: Clock = { ...systemClock, after: (ms, fn) => systemClock.after(ms === 5000 ? 60_000 : ms, fn) };
    const eventLimits = { maxUnread: 64 * 1024, coalesceMs: 1, memory: 10 };
    const { stream } = await open({ events: source, eventLimits }, { clock });
    const good = await stream();
    const deaf = await stream();
    deaf.socket.pause();
    // Only the newest is kept of what the good one hears: all of it is more than a string is good for.
    let heard = 0;
    good.socket.on('data', (part) => {
      heard += part.length;
      good.text = good.text.slice(-64 * 1024);
    });
    for (let round = 0; heard < kernelHolds() + 2e6; round++) {
      for (let i = 0; i < 100; i++) change(`p1-${round}-${i}-${'x'.repeat(2000)}`);
      await good.until(({ text }) => text.includes(`p1-${round}-99-`));
    }
    change('p1-last');
    await good.until(({ text }) => text.includes('p1-last'));
    deaf.socket.resume();
    await deaf.end();
    expect(deaf.text).toContain('event: dropped');
    expect(good.text).not.toContain('event: dropped');
  });

  it('turns a flood into one question', async () => {
    const { source, change, asked } = feed();
    const { stream } = await open({ events: source, eventLimits: { maxPending: 100 } });
    const client = await stream();
    for (let i = 0; i < 1000; i++) change(`p1-${i}`);
    await client.until(({ text }) => text.includes('resync'));
    expect(asked.flat().length).toBeLessThan(100);
  });

  it('sends a heartbeat, grows old, and is limited in number', async () => {
    const limits = { heartbeatMs: 30, lifeMs: 300, maxStreams: 2 };
    const { stream } = await open({ events: feed().source, eventLimits: limits });
    const client = await stream();
    await stream();
    expect((await stream()).statuses).toEqual([503]);
    await client.until(({ text }) => text.includes(': beat'));
    await client.end();
    expect(client.text).toContain('event: bye');
    expect((await stream()).statuses).toEqual([200]);
  });

  it('ends when the server drains', async () => {
    const { server, stream } = await open({ events: feed().source });
    const client = await stream();
    const started = systemClock.monotonic();
    expect(await server.close(3000)).toBe(0);
    expect(systemClock.monotonic() - started).toBeLessThan(1500);
    await client.end();
    expect(client.text).toContain('{"reason":"stopping"}');
  });
});

describe('/healthcheck', () => {
  it('asks at most once a second', async () => {
    let asked = 0;
    const { server } = await open({
      ready: async () => {
        asked++;
        return { ready: false, reasons: ['database'] };
      },
    });
    for (let i = 0; i < 10; i++) {
      const reply = await server.inject({ method: 'GET', url: '/healthcheck' });
      expect(reply.status).toBe(503);
      expect(reply.json()).toEqual({ ready: false, reasons: ['database'] });
    }
    expect(asked).toBe(1);
  });

  it('says no when the check fails', async () => {
    const { server } = await open({ ready: () => Promise.reject(new Error('gone')) });
    expect((await server.inject({ method: 'GET', url: '/healthcheck' })).status).toBe(503);
  });
});

describe('/metrics', () => {
  it('counts by route and class, never by path', async () => {
    const { server } = await open({});
    for (const id of ['secret-a', 'secret-b']) {
      await server.inject({ method: 'GET', url: `/v1/things/${id}`, headers: { 'x-auth-token': 'admin' } });
      await server.inject({ method: 'GET', url: `/${id}` });
    }
    const { text, headers } = await server.inject({ method: 'GET', url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('ingot_http_request_seconds_count{route="sample:thing.get",method="GET",status="2xx"} 2');
    expect(text).toContain('ingot_http_request_seconds_count{route="none",method="any",status="4xx"} 2');
    expect(text).toContain('nodejs_eventloop_delay_seconds{quantile="0.99"}');
    expect(text).not.toContain('secret');
  });

  it('is kept from strangers', async () => {
    const { server } = await open({ metricsFor: () => false });
    expect((await server.inject({ method: 'GET', url: '/metrics' })).status).toBe(404);
  });
});

describe('/docs', () => {
  it('needs nothing from elsewhere and may run only itself', async () => {
    const { server } = await open({});
    const page = await server.inject({ method: 'GET', url: '/docs/' });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/src=|href="http|@import|innerHTML/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const services = (await server.inject({ method: 'GET', url: '/docs/api' })).json<{ name: string }[]>();
    expect(services.map(({ name }) => name)).toEqual(['sample', 'operations']);
    for (const { name } of services) {
      const reply = await server.inject({ method: 'GET', url: `/docs/api/${name}` });
      expect(reply.json()).toMatchObject({ openapi: '3.1.0' });
    }
    expect((await server.inject({ method: 'GET', url: '/docs/api/nope' })).status).toBe(404);
  });
});
