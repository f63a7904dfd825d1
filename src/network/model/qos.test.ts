import { expect, test } from 'vitest';
import { conflict, type RuleFacts } from './qos.ts';

const rule = (id: string, more: Partial<RuleFacts>): RuleFacts => ({
  id,
  type: 'bandwidth_limit',
  direction: 'egress',
  max_kbps: null,
  min_kbps: null,
  max_kpps: null,
  min_kpps: null,
  ...more,
});

test('a policy has one rule of a kind and direction', () => {
  const limit = rule('a', { max_kbps: 1000 });
  expect(conflict([limit], rule('b', { max_kbps: 2000 }))).toBe(limit);
  expect(conflict([limit], rule('b', { max_kbps: 2000, direction: 'ingress' }))).toBeUndefined();
  // Changing itself is no conflict.
  expect(conflict([limit], rule('a', { max_kbps: 2000 }))).toBeUndefined();
});

test('a minimum above the maximum of its direction is refused', () => {
  const limit = rule('a', { max_kbps: 1000 });
  const least = (min_kbps: number, direction: 'egress' | 'ingress' = 'egress') =>
    rule('b', { type: 'minimum_bandwidth', min_kbps, direction });
  expect(conflict([limit], least(1001))).toBe(limit);
  expect(conflict([limit], least(1000))).toBeUndefined();
  expect(conflict([limit], least(1001, 'ingress'))).toBeUndefined();
  expect(conflict([least(1001)], rule('c', { max_kbps: 1000 }))?.id).toBe('b');
});

test('packets of any direction stand beside none of one', () => {
  const any = rule('a', { type: 'minimum_packet_rate', direction: 'any', min_kpps: 1 });
  expect(conflict([any], rule('b', { type: 'minimum_packet_rate', min_kpps: 1 }))).toBe(any);
});
