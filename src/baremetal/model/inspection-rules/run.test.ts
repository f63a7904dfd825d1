import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRule } from './check.ts';
import { type InspectionRule, RuleFailed, runRules } from './run.ts';
import type { RuleSubject } from './subject.ts';

const subject = (): RuleSubject => ({
  node: { name: 'n1', properties: { capabilities: 'boot_mode:uefi' }, extra: {} },
  traits: new Set(),
  inventory: {
    cpu: { count: 64 },
    memory: { physical_mb: 262144 },
    bmc_address: '10.1.2.3',
    disks: [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ],
  },
  pluginData: {},
  ports: [{ uuid: 'p1', address: '52:54:00:00:00:01', fields: { extra: {} } }],
});
const rule = (more: Partial<InspectionRule>): InspectionRule => ({
  uuid: 'r',
  description: null,
  priority: 0,
  sensitive: false,
  conditions: [],
  actions: [],
  ...more,
});
const silent = () => {};

describe('inspection rules', () => {
  it('applies actions when all conditions hold, and fills in what was found', () => {
    const s = subject();
    const applied = runRules(
      [
        rule({
          conditions: [
            { op: 'ge', args: { values: ['{inventory[cpu][count]}', 32] } },
            { op: 'in-net', args: ['{inventory[bmc_address]}', '10.1.0.0/16'] },
            { op: '!eq', args: { values: ['{node.name}', 'other'] } },
          ],
          actions: [
            { op: 'set-attribute', args: { path: '/properties/cpus', value: '{inventory[cpu][count]}' } },
            { op: 'set-attribute', args: ['extra.note', 'has {inventory[cpu][count]} cores'] },
            { op: 'set-capability', args: { name: 'big', value: 'true' } },
            { op: 'add-trait', args: { name: 'CUSTOM_BIG' } },
            { op: 'set-port-attribute', args: { port_id: '52:54:00:00:00:01', path: 'extra/rack', value: 'r1' } },
            {
              op: 'extend-attribute',
              args: { path: 'extra/disks', value: '{item[name]}' },
              loop: '{inventory[disks]}',
            },
          ],
        }),
      ],
      s,
      silent,
    );
    expect(applied).toEqual(['r']);
    expect(s.node['properties']).toEqual({ cpus: 64, capabilities: 'boot_mode:uefi,big:true' });
    expect(s.node['extra']).toEqual({ note: 'has 64 cores', disks: ['a', 'b'] });
    expect([...s.traits]).toEqual(['CUSTOM_BIG']);
    expect(s.ports[0]?.fields).toEqual({ extra: { rack: 'r1' } });
  });

  it('runs higher priorities first and stops at fail', () => {
    const s = subject();
    const rules = [
      rule({ uuid: 'low', priority: 1, actions: [{ op: 'set-attribute', args: ['extra/x', 'low'] }] }),
      rule({ uuid: 'high', priority: 9, actions: [{ op: 'fail', args: { msg: 'no' } }] }),
    ];
    expect(() => runRules(rules, s, silent)).toThrow(RuleFailed);
    expect(s.node['extra']).toEqual({});
  });

  it.each([
    ['any', true],
    ['all', false],
    ['first', false],
    ['last', true],
  ] as const)('counts the items of a loop: %s', (multiple, expected) => {
    const s = subject();
    const conditions = [{ op: 'eq', args: { values: ['{item[size]}', 2] }, loop: '{inventory[disks]}', multiple }];
    expect(runRules([rule({ conditions })], s, silent).length === 1).toBe(expected);
  });

  it('writes neither state nor prototypes', () => {
    for (const path of ['provision_state', '/driver', '__proto__/x', 'extra/__proto__/x']) {
      expect(() =>
        runRules([rule({ actions: [{ op: 'set-attribute', args: [path, 1] }] })], subject(), silent),
      ).toThrow();
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('tells nothing of a sensitive rule', () => {
    const said: string[] = [];
    const s = rule({
      sensitive: true,
      actions: [
        { op: 'log', args: ['secret'] },
        { op: 'set-attribute', args: ['driver', 'secret'] },
      ],
    });
    expect(() => runRules([s], subject(), (_, text) => said.push(text))).toThrow(/no details/);
    expect(said).toEqual([]);
  });

  it('never throws anything but an error for rules the check lets through', () => {
    const part = fc.record({
      op: fc.constantFrom('eq', '!lt', 'matches', 'in-net', 'is-empty', 'bogus'),
      args: fc.oneof(fc.object(), fc.array(fc.anything(), { maxLength: 3 })),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), (conditions) => {
        const checked = { priority: 0, phase: 'main', conditions, actions: [{ op: 'log', args: ['x'] }] };
        try {
          checkRule(checked);
        } catch (error) {
          expect((error as { status?: number }).status).toBe(400);
          return;
        }
        try {
          runRules([rule({ conditions: conditions as never })], subject(), silent);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
