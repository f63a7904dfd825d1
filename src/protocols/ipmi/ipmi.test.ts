import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '#kernel/secret';
import { bootFlagBytes, readBootFlags, readChassisStatus } from './chassis.ts';
import { readSensors } from './sensors.ts';
import { type IpmiTarget, targetArguments } from './target.ts';

test('boot flags are the bytes of the specification', () => {
  expect(bootFlagBytes({ persistent: true, uefi: true, selector: 0x04 })).toEqual([0xe0, 0x04, 0, 0, 0]);
  expect(bootFlagBytes({ persistent: false, uefi: true, selector: 0x24 })).toEqual([0xa0, 0x24, 0, 0, 0]);
  expect(bootFlagBytes({ persistent: false, uefi: false, selector: 0x08 })).toEqual([0x80, 0x08, 0, 0, 0]);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 15 }), (persistent, uefi, device) => {
      const flags = { persistent, uefi, selector: device << 2 };
      expect(readBootFlags(Buffer.from([1, 5, ...bootFlagBytes(flags)]))).toEqual({ valid: true, ...flags });
    }),
  );
});

test('nothing a BMC says throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.string(), (bytes, text) => {
      readChassisStatus(Buffer.from(bytes));
      readBootFlags(Buffer.from(bytes));
      readSensors(text);
    }),
  );
});

test('neither password nor K_g is an argument', () => {
  const target: IpmiTarget = {
    address: '192.0.2.1',
    port: 623,
    username: 'admin',
    password: new Secret('very-secret'),
    kg: new Secret(Buffer.from('KG 1234567890abcdefg').toString('hex')),
    privilege: 'OPERATOR',
    protocol: '2.0',
    cipherSuite: null,
    bridge: null,
    intervalMs: 0,
  };
  const args = targetArguments(
    target,
    { suite: 17, privilege: 'OPERATOR' },
    { passwordFile: '/run/p', attempts: 1, waitS: 2 },
  );
  expect(args.join(' ')).toBe('-I lanplus -H 192.0.2.1 -p 623 -L OPERATOR -N 2 -R 1 -U admin -f /run/p -C 17 -K');
});
