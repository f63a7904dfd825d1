import { describe, expect, it } from 'vitest';
import { discover, readOffer } from './v4.ts';
import { readAdvertisement, solicit } from './v6.ts';

const MAC = '52:54:00:aa:00:01';

/** An answer as RFC 2131 has it, with options. */
function offer(xid: number, options: number[]): Buffer {
  const message = Buffer.alloc(240);
  message.set([2, 1, 6, 0]);
  message.writeUInt32BE(xid, 4);
  message.set([10, 0, 0, 7], 16);
  message.writeUInt32BE(0x63825363, 236);
  return Buffer.concat([message, Buffer.from(options)]);
}

describe('asking for DHCP', () => {
  it('asks everybody, and says who asks', () => {
    const message = discover(0x01020304, MAC);
    expect(message.length).toBe(300);
    expect([...message.subarray(0, 12)]).toEqual([1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0]);
    expect(message.subarray(28, 34).toString('hex')).toBe('525400aa0001');
    expect([...message.subarray(240, 243)]).toEqual([53, 1, 1]);
  });

  it('reads offers to it, whatever stands between the options', () => {
    const options = [
      53, 1, 2, 0, 0, 54, 4, 10, 0, 0, 1, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 0, 254, 26, 2, 5, 220, 255,
    ];
    expect(readOffer(offer(7, options), 7)).toEqual({
      server: '10.0.0.1',
      address: '10.0.0.7',
      mask: '255.255.255.0',
      router: '10.0.0.254',
      mtu: 1500,
    });
  });

  it('reads nothing out of what is no offer, is for somebody else, or is cut off', () => {
    const good = [53, 1, 2, 54, 4, 10, 0, 0, 1];
    expect(readOffer(offer(7, good), 8)).toBeNull();
    expect(readOffer(offer(7, [53, 1, 5, 54, 4, 10, 0, 0, 1]), 7)).toBeNull();
    expect(readOffer(offer(7, [53, 1, 2]), 7)).toBeNull();
    expect(readOffer(offer(7, [53, 1, 2, 54, 200, 1]), 7)).toBeNull();
    expect(readOffer(discover(7, MAC), 7)).toBeNull();
    expect(readOffer(Buffer.from('hello'), 7)).toBeNull();
  });

  it('does the same for IPv6', () => {
    const asked = solicit(0x0a0b0c, MAC);
    expect(asked.subarray(0, 4).toString('hex')).toBe('010a0b0c');
    expect(asked.toString('hex')).toContain('0001000a00030001525400aa0001');
    const address = 'fd000002000000000000000000000014';
    const lease = `00000001${'0'.repeat(16)}00050018${address}${'0'.repeat(16)}`;
    const answer = (xid: string) =>
      Buffer.from(
        `02${xid}0002000400030001${`0003${(lease.length / 2).toString(16).padStart(4, '0')}`}${lease}`,
        'hex',
      );
    expect(readAdvertisement(answer('0a0b0c'), 0x0a0b0c)).toEqual({
      server: '00030001',
      address: 'fd00:2:0:0:0:0:0:14',
    });
    expect(readAdvertisement(answer('0a0b0d'), 0x0a0b0c)).toBeNull();
    expect(readAdvertisement(asked, 0x0a0b0c)).toBeNull();
    expect(readAdvertisement(Buffer.from('020a0b0c', 'hex'), 0x0a0b0c)).toBeNull();
  });
});
