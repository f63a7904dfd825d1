import { expect, test } from 'vitest';
import { inNamespace } from './programs/launch.ts';

test('a trunk, router advertisements, DHCPv6, names, a mark and a limit, on the wire', {
  timeout: 240_000,
}, async () => {
  expect(await inNamespace('services.ts')).toEqual({
    'lease ga': '10.0.0.11',
    'lease gv': '10.1.0.13',
    'lease gb': '10.0.0.12',
    'lease gc': '10.1.0.14',
    'over the trunk': true,
    'the other network without it': false,
    'address of its own making': true,
    'lease of IPv6': 'fd00:2::14 fd00:2::53',
    name: '10.0.0.12',
    'mark before': 0,
    mark: 26,
    'a limit limits': true,
    refused: {},
  });
});
