import { describe, expect, it } from 'vitest';
import { defineResource } from '../versions/resource.ts';
import { compilePlan, planCache } from './plan.ts';

const THINGS = defineResource({
  name: 'things',
  table: 'things',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid: { kind: 'uuid', brief: true, notNull: true, about: '' },
    state: {
      kind: 'text',
      renamed: [
        { below: 39, from: 'wait', to: 'work' },
        { below: 2, from: 'free', to: null },
      ],
      about: '',
    },
    note: { kind: 'text', since: 5, guard: { rule: 'see:note', shown: '** hidden **' }, about: '' },
    info: { kind: 'json', empty: '{}', guard: { rule: 'see:info', shown: { content: 'no' } }, about: '' },
    link: { kind: 'json', empty: '{}', keys: { odd: { since: 90, until: 105 } }, about: '' },
    tags: { kind: 'texts', column: 'labels', about: '' },
    on: { kind: 'boolean', about: '' },
    made_at: { kind: 'time', about: '' },
    count: { kind: 'integer', about: '' },
    host: { kind: 'any', since: 49, column: null, reads: ['state'], about: '' },
  },
  subLinks: { parts: { since: 14 } },
  filters: {},
});

const VALUES: Record<string, string | null> = {
  uuid: '11111111-1111-4111-8111-111111111111',
  state: 'wait',
  note: 'a "quoted"\n\\ text é',
  info: '{"a":[1,{"b":null}]}',
  link: '{"odd":1}',
  tags: '["x","y"]',
  on: 't',
  made_at: '2026-01-02 03:04:05.678901+00',
  count: '12',
};

/** A row of a plan, as the database would give it. */
function rowOf(plan: ReturnType<typeof compilePlan>, values = VALUES): (string | null)[] {
  const row: (string | null)[] = [];
  for (const name of Object.keys(THINGS.fields)) {
    try {
      row[plan.at(name)] = values[name] ?? null;
    } catch {
      // The plan does not read it.
    }
  }
  return row;
}

const env = {
  baseUrl: 'http://h:1',
  computed: { host: (at: (column: string) => string | null) => `h-${at('state')}` },
};
const shownAt = (version: number, fields: readonly string[] | null = null, hidden = 0, values = VALUES) => {
  const plan = compilePlan(THINGS, { version, fields });
  return JSON.parse(plan.writer(env)(rowOf(plan, values), hidden)) as Record<string, unknown>;
};

describe('a plan', () => {
  it('writes every kind of value, links included', () => {
    expect(shownAt(115)).toEqual({
      uuid: VALUES['uuid'],
      state: 'wait',
      note: VALUES['note'],
      info: { a: [1, { b: null }] },
      link: {},
      tags: ['x', 'y'],
      on: true,
      made_at: '2026-01-02T03:04:05+00:00',
      count: 12,
      host: 'h-wait',
      links: [
        { href: `http://h:1/v1/things/${VALUES['uuid']}`, rel: 'self' },
        { href: `http://h:1/things/${VALUES['uuid']}`, rel: 'bookmark' },
      ],
      parts: [
        { href: `http://h:1/v1/things/${VALUES['uuid']}/parts`, rel: 'self' },
        { href: `http://h:1/things/${VALUES['uuid']}/parts`, rel: 'bookmark' },
      ],
    });
  });

  it('hides what the version does not know and renames what it calls otherwise', () => {
    expect(Object.keys(shownAt(4)).sort()).toEqual([
      'count',
      'info',
      'link',
      'links',
      'made_at',
      'on',
      'state',
      'tags',
      'uuid',
    ]);
    expect(shownAt(38)['state']).toBe('work');
    expect(shownAt(1, null, 0, { ...VALUES, state: 'free' })['state']).toBeNull();
    expect(shownAt(90)['link']).toEqual({ odd: 1 });
    expect(shownAt(115, null, 0, { ...VALUES, link: '{"even":"odd"}' })['link']).toEqual({ even: 'odd' });
  });

  it('shows empty documents and nulls', () => {
    const none = Object.fromEntries(Object.keys(VALUES).map((name) => [name, null]));
    expect(shownAt(115, null, 0, { ...none, uuid: 'u' })).toMatchObject({
      info: {},
      link: {},
      note: null,
      on: null,
      made_at: null,
      count: null,
    });
  });

  it('covers guarded fields by their bits', () => {
    const plan = compilePlan(THINGS, { version: 115, fields: null });
    expect(plan.guards).toEqual(['see:note', 'see:info']);
    expect(shownAt(115, null, 0b01)).toMatchObject({ note: '** hidden **', info: { a: expect.anything() } });
    expect(shownAt(115, null, 0b10)).toMatchObject({ note: VALUES['note'], info: { content: 'no' } });
  });

  it('selects what is asked for and no more, and shows its links with no field at all', () => {
    const plan = compilePlan(THINGS, { version: 115, fields: ['on'] }, ['state']);
    expect(plan.select).toBe('t.uuid c, t.state c, t.on c');
    expect(compilePlan(THINGS, { version: 115, fields: ['tags'] }).select).toContain('array_to_json(t.labels)');
    expect(shownAt(115, ['links'])).toEqual({ links: expect.anything() });
    expect(() => plan.at('note')).toThrow(/does not read note/);
  });

  it('is kept, the oldest going first', () => {
    const plans = planCache(THINGS, [], 2);
    const first = plans({ version: 1, fields: null });
    expect(plans({ version: 1, fields: null })).toBe(first);
    plans({ version: 2, fields: null });
    plans({ version: 3, fields: null });
    expect(plans({ version: 1, fields: null })).not.toBe(first);
  });
});
