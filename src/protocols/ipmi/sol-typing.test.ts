import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SOL_ESCAPE, SolTyping } from './sol-typing.ts';

test('nothing typed can command ipmitool, and nothing else is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      const typing = new SolTyping();
      const sent = Buffer.concat(parts.map((part) => typing.typed(Buffer.from(part))));
      expect(sent.includes(SOL_ESCAPE)).toBe(false);
      expect([...sent]).toEqual(parts.flatMap((part) => [...part]).filter((byte) => byte !== 0x1e));
    }),
  );
});

test('a break is sent from the start of a line', () => {
  const typing = new SolTyping();
  expect(typing.sendBreak().toString('latin1')).toBe('\x1eB');
  typing.typed(Buffer.from('half a line'));
  expect(typing.sendBreak().toString('latin1')).toBe('\r\x1eB');
  typing.typed(Buffer.from('a line\r'));
  expect(typing.sendBreak().toString('latin1')).toBe('\x1eB');
});
