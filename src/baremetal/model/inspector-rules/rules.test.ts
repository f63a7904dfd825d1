import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRule } from '../inspection-rules/check.ts';
import { runRules } from '../inspection-rules/run.ts';
import type { RuleSubject } from '../inspection-rules/subject.ts';
import type { Document } from '../node.ts';
import { readInspectorRule } from './read.ts';
import { showInspectorRule } from './show.ts';

const subject = (): RuleSubject => ({
  node: {
    uuid: 'u',
    name: 'n1',
    properties: { memory_mb: '262144', inspection_scope: 'lab' },
    extra: {},
    driver_info: {},
  },
  traits: new Set(),
  inventory: {
    cpu: { count: 64, architecture: 'x86_64' },
    bmc_address: '10.1.2.3',
    disks: [{ name: 'sda', size: 100 }, { name: 'sdb', size: 200 }, { name: 'usb' }],
    empty: [],
  },
  pluginData: { lldp: { eth0: 'leaf-1' }, nothing: null },
  ports: [],
});

/** Does a rule with these conditions apply? */
function applies(conditions: Document[], more: Document = {}): boolean {
  const read = readInspectorRule({
    conditions,
    actions: [{ action: 'set-attribute', path: '/extra/hit', value: 1 }],
    ...more,
  });
  checkRule({ priority: 0, phase: 'main', ...read });
  const on = subject();
  runRules([{ uuid: 'r', description: null, priority: 0, sensitive: false, ...read }], on, () => {});
  return (on.node['extra'] as Document)['hit'] === 1;
}

/** Runs one action and gives the subject. */
function act(action: Document): RuleSubject {
  const read = readInspectorRule({ actions: [action] });
  const on = subject();
  runRules([{ uuid: 'r', description: null, priority: 0, sensitive: false, ...read }], on, () => {});
  return on;
}

describe("rules in ironic-inspector's words", () => {
  it.each<[Document, boolean]>([
    [{ op: 'eq', field: 'inventory.cpu.count', value: 64 }, true],
    [{ op: 'eq', field: 'data://inventory.cpu.architecture', value: 'x86_64' }, true],
    [{ op: 'ge', field: '$.memory_mb', value: 200000 }, true],
    [{ op: 'lt', field: 'memory_mb', value: 200000 }, false],
    [{ op: 'eq', field: 'node://name', value: 'n1' }, true],
    [{ op: 'eq', field: 'node://name', value: 'n1', invert: true }, false],
    [{ op: 'in-net', field: 'ipmi_address', value: '10.1.0.0/16' }, true],
    [{ op: 'in-net', field: 'inventory.bmc_address', value: '10.2.0.0/16', invert: true }, true],
    [{ op: 'contains', field: 'lldp.eth0', value: 'eaf' }, true],
    // Whole texts only, from their start.
    [{ op: 'matches', field: 'lldp.eth0', value: 'leaf' }, false],
    [{ op: 'matches', field: 'lldp.eth0', value: 'leaf-\\d' }, true],
    [{ op: 'eq', field: 'inventory.disks[1].name', value: 'sdb' }, true],
    [{ op: 'gt', field: 'inventory.disks[*].size', value: 150 }, true],
    [{ op: 'gt', field: 'inventory.disks[*].size', value: 150, multiple: 'first' }, false],
    // The third has no size, and is left out.
    [{ op: 'gt', field: 'inventory.disks[*].size', value: 50, multiple: 'all' }, true],
    [{ op: 'gt', field: 'inventory.disks[*].size', value: 150, multiple: 'all' }, false],
    [{ op: 'ne', field: 'inventory.disks[*].size', value: 100, multiple: 'all', invert: true }, false],
    // What is not there fits nothing, inverted or not, unless emptiness is what is asked for.
    [{ op: 'ne', field: 'inventory.gpu', value: 1 }, false],
    [{ op: 'eq', field: 'inventory.gpu', value: 1, invert: true }, false],
    [{ op: 'gt', field: 'inventory.gpu', value: 1 }, false],
    [{ op: 'contains', field: 'inventory.gpu', value: '.*' }, false],
    [{ op: 'eq', field: 'inventory.empty[*].size', value: 1, multiple: 'all' }, false],
    [{ op: 'is-empty', field: 'inventory.gpu' }, true],
    [{ op: 'is-empty', field: 'inventory.empty' }, true],
    [{ op: 'is-empty', field: 'inventory.disks', invert: true }, true],
  ])('%j: %s', (condition, expected) => {
    expect(applies([condition])).toBe(expected);
  });

  it('applies within its scope', () => {
    expect(applies([], { scope: 'lab' })).toBe(true);
    expect(applies([], { scope: 'hall' })).toBe(false);
  });

  it('does what actions say, with what was found filled in', () => {
    const info = { action: 'set-attribute', path: '/driver_info/address', value: 'at {data[inventory][bmc_address]}' };
    expect(act(info).node['driver_info']).toEqual({ address: 'at 10.1.2.3' });
    expect(act({ ...info, value: '{{data}} {data[lldp][eth0]}' }).node['driver_info']).toEqual({
      address: '{data} leaf-1',
    });
    expect(act({ ...info, value: null }).node['driver_info']).toEqual({ address: null });
    expect(act({ action: 'extend-attribute', path: '/extra/racks', value: 'r1', unique: true }).node['extra']).toEqual({
      racks: ['r1'],
    });
    expect(act({ action: 'set-capability', name: 'a', value: '1' }).node['properties']).toMatchObject({
      capabilities: 'a:1',
    });
    expect(act({ action: 'add-trait', name: 'CUSTOM_A' }).traits).toEqual(new Set(['CUSTOM_A']));
    expect(() => act({ action: 'fail', message: 'no' })).toThrow('no');
  });

  it.each<[Document, RegExp]>([
    [{ conditions: [{ op: 'eq', field: 'a..b', value: 1 }] }, /Unable to parse field JSON path/],
    [{ conditions: [{ op: 'eq', field: 'a[?(@.b)]', value: 1 }] }, /Unable to parse field JSON path/],
    [{ conditions: [{ op: 'eq', field: 'ldap://a', value: 1 }] }, /Unsupported scheme/],
    [{ conditions: [{ op: 'like', field: 'a', value: 1 }] }, /no condition's operator/],
    [{ conditions: [{ op: 'eq', field: 'a' }] }, /missing required parameter\(s\): value/],
    [{ conditions: [{ op: 'eq', field: 'a', value: 1, extra: 2 }] }, /unexpected parameter\(s\): extra/],
    [{ conditions: [{ op: 'in-net', field: 'a', value: 'x' }] }, /no network/],
    [{ conditions: [{ op: 'eq', field: 'a', value: 1, multiple: 'some' }] }, /'multiple' is not one of/],
    [{ conditions: [{ op: 'is-empty', field: 'a[*]' }] }, /does not go with/],
    [{ conditions: [{ op: 'eq', field: 'a', value: '{node.name}' }] }, /cannot be said/],
    [{ actions: [] }, /too short/],
    [{ actions: [{ action: 'reboot' }] }, /is no action/],
    [{ actions: [{ action: 'set-attribute', path: '/driver', value: 'x' }] }, /may not write driver/],
    [{ actions: [{ action: 'set-attribute', path: '/extra/a' }] }, /parameter\(s\): value/],
    [{ actions: [{ action: 'set-attribute', path: '/extra/a', value: '{data[a]!r}' }] }, /Invalid formatting/],
    [{ scope: 'x'.repeat(256) }, /Invalid scope/],
  ])('refuses %j', (body, why) => {
    expect(() => readInspectorRule({ actions: [{ action: 'add-trait', name: 'CUSTOM_A' }], ...body })).toThrow(why);
  });

  it('shows a rule as it was given', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.string().filter((text) => !/[{}]/.test(text)),
      fc.boolean(),
    );
    const name = fc
      .stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/)
      .filter((key) => !['cpus', 'cpu_arch', 'memory_mb', 'local_gb'].includes(key));
    const field = fc
      .tuple(fc.constantFrom('inventory.', 'node://', ''), name, fc.constantFrom('', '[*].size', '[0].a'))
      .map((parts) => parts.join(''))
      .filter((text) => text !== 'inventory' && !/^(node:\/\/)?id\b/.test(text));
    const condition = fc.record({
      op: fc.constantFrom('eq', 'ne', 'lt', 'ge'),
      field,
      multiple: fc.constantFrom('any', 'all', 'first'),
      invert: fc.boolean(),
      value,
    });
    const text = fc.record({
      op: fc.constantFrom('matches', 'contains'),
      field,
      multiple: fc.constant('any'),
      invert: fc.boolean(),
      value: fc.constantFrom('a', '^b.c', 'x|y'),
    });
    const action = fc.oneof(
      fc.record({
        action: fc.constant('fail'),
        message: fc.constantFrom('no', 'a {{b}}'.replaceAll('{{', '').replaceAll('}}', '')),
      }),
      fc.record({
        action: fc.constant('set-attribute'),
        path: fc.constant('/extra/a'),
        value: fc.oneof(value, fc.constantFrom('{data[inventory][cpu]}', 'a {{b}} {data[x]}')),
      }),
      fc.record({ action: fc.constantFrom('add-trait', 'remove-trait'), name: fc.constant('CUSTOM_A') }),
      fc.record({ action: fc.constant('set-capability'), name }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(condition, text), { maxLength: 4 }),
        fc.array(action, { minLength: 1, maxLength: 4 }),
        fc.option(fc.stringMatching(/^[a-z]{1,8}$/)),
        (conditions, actions, scope) => {
          const read = readInspectorRule({ conditions, actions, scope });
          checkRule({ priority: 0, phase: 'main', ...read });
          expect(showInspectorRule(read)).toEqual({ conditions, actions, scope });
        },
      ),
    );
  });

  it('shows what inspector has no words for as it is', () => {
    const mine = { op: 'one-of', args: { value: '{node.name}', values: ['a'] } };
    const log = { op: 'log', args: { msg: 'x' } };
    expect(showInspectorRule({ conditions: [mine], actions: [log] })).toEqual({
      scope: null,
      conditions: [mine],
      actions: [log],
    });
  });
});
