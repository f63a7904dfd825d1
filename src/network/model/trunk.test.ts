import { expect, test } from 'vitest';
import { collision, readSubport } from './trunk.ts';

test('a subport has the VLAN it names, or that of its network', () => {
  expect(readSubport({ port_id: 'p', segmentation_type: 'vlan', segmentation_id: '7' }, null)).toEqual({
    port_id: 'p',
    segmentation_type: 'vlan',
    segmentation_id: 7,
  });
  expect(readSubport({ port_id: 'p', segmentation_type: 'inherit' }, 60)).toMatchObject({ segmentation_id: 60 });
  expect(readSubport({ port_id: 'p' }, 60)).toMatchObject({ segmentation_id: 60 });
  expect(readSubport({ port_id: 'p' }, null)).toHaveProperty('refused');
  for (const segmentation_id of [0, 4095, 1.5, 'x', undefined])
    expect(readSubport({ port_id: 'p', segmentation_type: 'vlan', segmentation_id }, 60)).toHaveProperty('refused');
  expect(readSubport({ port_id: 'p', segmentation_type: 'qinq', segmentation_id: 5 }, 60)).toHaveProperty('refused');
});

test('a VLAN is on a trunk once', () => {
  const vlan = (segmentation_id: number) => ({ port_id: 'p', segmentation_type: 'vlan' as const, segmentation_id });
  expect(collision([vlan(1)], [vlan(2), vlan(3)])).toBeUndefined();
  expect(collision([vlan(1)], [vlan(2), vlan(1)])?.segmentation_id).toBe(1);
  expect(collision([], [vlan(2), vlan(2)])?.segmentation_id).toBe(2);
});
