import { expect, test } from 'vitest';
import { tinyGuest } from '../lab/guest.ts';
import { inNamespace } from './programs/launch.ts';

test('several networks through one card, a bond, and a bond over a pair of switches carry the frames of a machine', {
  timeout: 420_000,
}, async () => {
  // Made out here: in there nothing can be fetched.
  await tinyGuest('disk');
  expect(await inNamespace('bonds.ts')).toEqual({
    'with nothing on its port': true,
    'two networks through one card': [true, true],
    'one of them taken away': [true, true],
    'a bond on one switch': [true, true],
    'two networks through the bond': [true, true],
    'with one cable cut': [true, true],
    'a bond over a pair of switches': [true, true, true, true],
    'over the pair without g0': [true, true],
    'over the pair without g2': [true, true],
  });
});
