import { describe, expect, it } from 'vitest';
import type { RuleSet } from '#contracts/policy';
import { createPolicy } from './engine.ts';
import type { Subject } from './facts.ts';
import { parsePolicyFile } from './file.ts';

const set: RuleSet = {
  service: 'things',
  targets: ['owner', 'lessee', 'project.domain_id'],
  prefixes: ['thing.'],
  rules: [
    { name: 'operator', check: 'role:admin and system_scope:all', description: '' },
    { name: 'mine', check: 'project_id:%(thing.owner)s', description: '' },
    { name: 'thing:get', check: 'rule:operator or (role:reader and rule:mine)', description: 'See a thing' },
    { name: 'thing:make', check: 'rule:operator', scopes: ['system'], description: '' },
    { name: 'thing:never', check: '!', description: '' },
    { name: 'thing:domain', check: 'domain_id:%(project.domain_id)s', description: '' },
    { name: 'thing:free', check: 'None:%(owner)s', description: '' },
  ],
};

const caller = (facts: Partial<Subject> & { has?: string[] }): Subject => ({
  userId: 'u',
  userName: 'u',
  projectId: null,
  domainId: null,
  system: false,
  auditId: null,
  ...facts,
  roles: new Set(facts.has ?? []),
});

describe('the policy', () => {
  const policy = createPolicy([set]);
  const mine = caller({ projectId: 'p', has: ['reader'] });

  it('follows rules and targets', () => {
    expect(policy.allows('thing:get', mine, { owner: 'p' })).toBe(true);
    expect(policy.allows('thing:get', mine, { owner: 'q' })).toBe(false);
    expect(policy.allows('thing:get', caller({ system: true, has: ['admin'] }), { owner: 'q' })).toBe(true);
    expect(policy.allows('thing:never', caller({ system: true, has: ['admin'] }))).toBe(false);
    expect(policy.allows('thing:domain', caller({ domainId: 'd' }), { project: { domain_id: 'd' } })).toBe(true);
  });

  it('never takes absence for equality', () => {
    const nowhere = caller({ has: ['reader'] });
    expect(policy.allows('thing:get', nowhere, { owner: null })).toBe(false);
    expect(policy.allows('thing:get', nowhere, {})).toBe(false);
    expect(policy.allows('thing:get', nowhere)).toBe(false);
    expect(policy.allows('thing:domain', nowhere, { project: null })).toBe(false);
    expect(policy.allows('thing:free', nowhere, { owner: null })).toBe(true);
    expect(policy.allows('thing:free', nowhere, { owner: 'p' })).toBe(false);
  });

  it('takes no fact from a prototype', () => {
    expect(policy.allows('thing:get', mine, Object.create({ 'project.domain_id': 'x' }))).toBe(false);
  });

  it('leaves names open to policy files, and allows those that no file speaks of', () => {
    const open = createPolicy([{ ...set, open: ['thing:step:'] }]);
    expect(open.allows('thing:step:raid.create', mine)).toBe(true);
    expect(open.explain('thing:step:raid.create', mine)).toMatchObject({ allowed: true, source: 'default' });
    expect(open.allows('thing:step:', mine)).toBe(false);
    open.override({ 'thing:step:raid.create': 'role:admin and project_id:%(thing.owner)s' });
    expect(open.allows('thing:step:raid.create', mine, { owner: 'p' })).toBe(false);
    expect(open.allows('thing:step:raid.create', caller({ projectId: 'p', has: ['admin'] }), { owner: 'p' })).toBe(
      true,
    );
    expect(open.allows('thing:step:raid.create', caller({ projectId: 'p', has: ['admin'] }))).toBe(false);
    expect(open.allows('thing:step:raid.delete', mine)).toBe(true);
    expect(() => open.override({ 'thing:step:x': 'role:' + '(' })).toThrow(/thing:step:x/);
    expect(() => open.override({ 'thing:steps': 'role:admin' })).toThrow(/no rule/);
  });

  it('refuses what it does not know, and says so at start', () => {
    expect(policy.allows('thing:gte', caller({ system: true, has: ['admin'] }))).toBe(false);
    expect(() => policy.assertKnown(['thing:get', 'thing:gte'])).toThrow('thing:gte');
    expect(policy.explain('thing:gte', mine)).toMatchObject({ allowed: false, source: 'unknown' });
  });

  it('holds to the scope a rule wants', () => {
    expect(policy.allows('thing:make', caller({ system: true, has: ['admin'] }))).toBe(true);
    expect(policy.allows('thing:make', caller({ projectId: 'p', has: ['admin'] }))).toBe(false);
    expect(policy.explain('thing:make', caller({ domainId: 'd', has: ['admin'] })).scope).toEqual({
      needed: ['system'],
      caller: 'domain',
      ok: false,
    });
  });

  it('says why', () => {
    const why = policy.explain('thing:get', mine, { owner: 'q' });
    expect(why).toMatchObject({ allowed: false, source: 'default', description: 'See a thing' });
    const text = JSON.stringify(why.reason);
    expect(text).toContain(`the caller's project_id is \\"p\\", the target's thing.owner is \\"q\\"`);
    expect(text).toContain('the caller has the roles reader');
  });
});

describe('overrides', () => {
  it('change rules and what is built on them', () => {
    const policy = createPolicy([set]);
    const member = caller({ projectId: 'p', has: ['helper'] });
    expect(policy.allows('thing:get', member, { owner: 'p' })).toBe(false);
    policy.override({ 'thing:get': 'rule:operator or (role:helper and rule:mine)' });
    expect(policy.allows('thing:get', member, { owner: 'p' })).toBe(true);
    expect(policy.explain('thing:get', member).source).toBe('override');
    policy.override({});
    expect(policy.allows('thing:get', member, { owner: 'p' })).toBe(false);
  });

  it('are refused as a whole with every mistake named, and the policy stays', () => {
    const policy = createPolicy([set]);
    const admin = caller({ system: true, has: ['admin'] });
    const bad = {
      'thing:git': '@',
      'thing:get': 'rule:operator or',
      'thing:make': 'projectid:%(owner)s',
      'thing:domain': 'project_id:%(owners)s',
    };
    expect(() => policy.override(bad)).toThrow(/thing:git.*|thing:get.*ends too early/s);
    try {
      policy.override(bad);
    } catch (error) {
      for (const part of ['thing:git', 'ends too early', '"projectid" is not a fact', '%(owners)s']) {
        expect(String(error)).toContain(part);
      }
    }
    expect(policy.allows('thing:make', admin)).toBe(true);
  });

  it('may bring building blocks of their own, when they are used', () => {
    const policy = createPolicy([set]);
    policy.override({
      helpers: 'role:helper and project_id:%(thing.owner)s',
      'thing:get': 'rule:operator or rule:helpers',
    });
    expect(policy.allows('thing:get', caller({ projectId: 'p', has: ['helper'] }), { owner: 'p' })).toBe(true);
    expect(policy.allows('thing:get', caller({ projectId: 'q', has: ['helper'] }), { owner: 'p' })).toBe(false);
    expect(() => policy.override({ helpers: 'role:helper' })).toThrow('there is no rule "helpers" to override');
  });

  it('may not go in circles or lead nowhere', () => {
    const policy = createPolicy([set]);
    expect(() => policy.override({ operator: 'rule:mine', mine: 'rule:operator' })).toThrow('refers to itself');
    expect(() => policy.override({ operator: 'rule:nobody' })).toThrow('"nobody", which does not exist');
  });

  it('come as TOML, JSON or flat YAML', () => {
    const yaml = `# mine\n---\n"thing:get": "rule:operator or role:x" # note\nthing:make: role:admin and not role:x\n'thing:never': '@'\n`;
    const wanted = {
      'thing:get': 'rule:operator or role:x',
      'thing:make': 'role:admin and not role:x',
      'thing:never': '@',
    };
    expect({ ...parsePolicyFile('policy.yaml', yaml) }).toEqual(wanted);
    expect({ ...parsePolicyFile('policy.json', JSON.stringify(wanted)) }).toEqual(wanted);
    const toml = Object.entries(wanted)
      .map(([k, v]) => `"${k}" = "${v}"`)
      .join('\n');
    expect({ ...parsePolicyFile('policy.toml', toml) }).toEqual(wanted);
  });

  it.each([
    ['policy.yaml', 'a:\n  b: c'],
    ['policy.yaml', 'a: "b'],
    ['policy.yaml', 'a: [b]'],
    ['policy.yaml', 'just text'],
    ['policy.yaml', 'a: role:x\na: role:y'],
    ['policy.json', '["a"]'],
    ['policy.json', '{"a": 1}'],
    ['policy.toml', 'a = '],
  ])('%s is refused: %s', (name, text) => {
    expect(() => parsePolicyFile(name, text)).toThrow(name);
  });
});
