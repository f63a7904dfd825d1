import { expect, test } from 'vitest';
import { estimateFrom } from './deploy-plan.ts';

test('an estimate takes medians, and the image by its size', () => {
  const past = [10, 20, 90].map((write) => ({
    imageBytes: 1_000,
    spans: [
      { on: 'ingot', what: 'queue', seconds: 0.5 },
      { on: 'machine', what: 'boot the ramdisk', seconds: 30 },
      { on: 'ingot', what: 'deploy.write_image', seconds: 0.5 },
      { on: 'machine', what: 'write the image', seconds: write },
    ],
  }));
  expect(estimateFrom(past, 2_000, 'baremetal')).toEqual({
    seconds: 71,
    from: '3 deploys of baremetal',
    parts: [
      { what: 'Ingot', seconds: 1 },
      { what: 'boot the ramdisk', seconds: 30 },
      { what: 'write the image', seconds: 40 },
    ],
  });
  expect(estimateFrom([], 1, 'x')).toBeNull();
});
