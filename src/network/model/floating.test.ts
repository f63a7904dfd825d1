import { expect, test } from 'vitest';
import { chooseAddress } from './floating.ts';

const one = { ip: '10.0.0.3', subnetId: 's1' };
const two = { ip: '10.0.1.3', subnetId: 's2' };
const six = { ip: 'fd00::3', subnetId: 's3' };

test('a floating IP leads to the only IPv4 address, or to the one that is asked for', () => {
  expect(chooseAddress('p', [six, one], undefined)).toEqual({ address: one });
  expect(chooseAddress('p', [one, two], '10.0.1.3')).toEqual({ address: two });
  expect(chooseAddress('p', [one, two], undefined)).toEqual({ refused: expect.stringContaining('multiple') });
  expect(chooseAddress('p', [six], undefined)).toEqual({ refused: expect.stringContaining('no fixed IPv4') });
  expect(chooseAddress('p', [six, one], 'fd00::3')).toEqual({ refused: expect.stringContaining('not an IPv4') });
  expect(chooseAddress('p', [one], '10.0.0.4')).toEqual({ refused: expect.stringContaining('does not have') });
});
