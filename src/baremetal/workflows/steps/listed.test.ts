import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DriverStep } from '../../drivers/contract.ts';
import type { InterfaceKind } from '../../model/interfaces.ts';
import type { Node } from '../../model/node.ts';
import { automaticSteps, listed, mergedSteps, requestedSteps, sortSteps, stepId } from './listed.ts';

const step = (kind: InterfaceKind, name: string, priority: number, more: Partial<DriverStep> = {}): DriverStep => ({
  interface: kind,
  step: name,
  priority,
  kinds: ['clean', 'deploy'],
  run: async () => ({ kind: 'done' }),
  ...more,
});
const node = { uuid: 'n' } as Node;
const names = (steps: readonly { interface: string; step: string }[]) => steps.map(stepId);

describe('order', () => {
  test('priority first, then the interface as Ironic ranks it', () => {
    const steps = [step('raid', 'r', 10), step('deploy', 'd', 10), step('vendor', 'v', 10), step('bios', 'b', 20)];
    expect(names(sortSteps(steps, 'clean'))).toEqual(['bios.b', 'vendor.v', 'deploy.d', 'raid.r']);
  });

  test('does not depend on the order given', () => {
    const kinds = fc.constantFrom<InterfaceKind>('deploy', 'bios', 'raid', 'power');
    const any = fc.record({ kind: kinds, name: fc.constantFrom('a', 'b', 'c'), priority: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.uniqueArray(any, { selector: (one) => `${one.kind}.${one.name}` }),
        fc.infiniteStream(fc.nat(9)),
        (all, shuffle) => {
          const steps = all.map((one) => step(one.kind, one.name, one.priority));
          const mixed = steps
            .map((one) => ({ one, at: shuffle.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
          expect(names(sortSteps(mixed, 'clean'))).toEqual(names(sortSteps(steps, 'clean')));
        },
      ),
    );
  });
});

test('automatic steps have a priority; the operator may change it or switch a step off', () => {
  const offered = [step('deploy', 'erase', 10), step('deploy', 'meta', 99), step('bios', 'reset', 0)];
  expect(names(automaticSteps(offered, 'clean', {}))).toEqual(['deploy.meta', 'deploy.erase']);
  expect(names(automaticSteps(offered, 'clean', { 'deploy.meta': 0, 'bios.reset': 5 }))).toEqual([
    'deploy.erase',
    'bios.reset',
  ]);
});

test('requested steps keep their order, and nobody offers what nobody offers', () => {
  const offered = [
    step('deploy', 'erase', 10, { abortable: true }),
    step('bios', 'reset', 0, { requiresRamdisk: false }),
  ];
  const asked = [
    { interface: 'bios', step: 'reset' },
    { interface: 'deploy', step: 'hold' },
    { interface: 'deploy', step: 'erase', args: { passes: 3 } },
  ];
  expect(requestedSteps(asked, offered, node, 'clean')).toMatchObject([
    { step: 'reset', requires_ramdisk: false, abortable: false },
    { step: 'hold', abortable: true },
    { step: 'erase', requires_ramdisk: true, abortable: true, args: { passes: 3 } },
  ]);
  const wrong = [
    { interface: 'raid', step: 'erase' },
    { interface: 'deploy', step: 'polish' },
  ];
  expect(() => requestedSteps(wrong, offered, node, 'clean')).toThrow('raid.erase, deploy.polish');
});

test('deploy steps of a request replace, add and drop', () => {
  const automatic = [listed(step('deploy', 'deploy', 100), 100), listed(step('deploy', 'boot', 20), 20)];
  const asked = [listed(step('bios', 'set', 50), 50), listed(step('deploy', 'boot', 0), 0)];
  expect(names(mergedSteps(automatic, asked))).toEqual(['deploy.deploy', 'bios.set']);
  expect(mergedSteps(automatic, [listed(step('deploy', 'deploy', 0), 70, { a: 1 })])[0]).toMatchObject({
    priority: 70,
    args: { a: 1 },
  });
});
