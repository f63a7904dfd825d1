import { expect, test } from 'vitest';
import { inNamespace } from './programs/launch.ts';

test('rules of security groups hold at the switch port of a machine, and a root is nobody but himself', {
  timeout: 240_000,
}, async () => {
  expect(await inNamespace('filters.ts')).toEqual({
    made: ['applied', 'applied'],
    'let in': 'm1',
    'not let in': null,
    'no ping': false,
    'answers come back': 'peer',
    'its own ping': true,
    'from one filtered port to another': ['m1', null],
    'rule taken away': ['applied'],
    'let in no longer': null,
    // No other MAC address, address, neighbour, DHCP answer, router.
    heard: ['honest', 'honest arp', 'ready'],
    'as wanted': [],
    'with flows gone': ['acl'],
    'put right': [['applied'], []],
    stateless: ['applied'],
    'stateless let in': 'm1',
    'stateless not let in': null,
    'stateless answers': null,
    'let go': ['applied', 'applied'],
    'open again': ['m1', 'm2'],
    // The switch's own, and a line above it.
    'flows left': 2,
    'heard without': 11,
  });
});
