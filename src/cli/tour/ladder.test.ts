import { expect, test } from 'vitest';
import { nextClimb, type Rung } from './ladder.ts';

test('a found machine is checked, inspected and offered, in that order', () => {
  const node: Rung = { provision_state: 'enroll', inspection_finished_at: null };
  const asked: string[] = [];
  for (let climb = nextClimb(node); climb !== undefined; climb = nextClimb(node)) {
    asked.push(climb.target);
    node.provision_state = climb.reaches;
    if (climb.target === 'inspect') node.inspection_finished_at = '2026-01-01T00:00:00Z';
  }
  expect(asked).toEqual(['manage', 'inspect', 'provide']);
});

test('what serves somebody is left alone', () => {
  for (const state of ['active', 'deploying', 'cleaning', 'available', 'rescue', 'error']) {
    expect(nextClimb({ provision_state: state, inspection_finished_at: null })).toBeUndefined();
  }
});
