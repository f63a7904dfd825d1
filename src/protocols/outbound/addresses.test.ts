import { describe, expect, it } from 'vitest';
import { networks, plainAddress, refusedAddress } from './addresses.ts';
import { Outbound } from './outbound.ts';

const none = networks([]);

describe('addresses', () => {
  it.each([
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255', '::1', '::'],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '64:ff9b::a9fe:a9fe',
      '2002:7f00:1::',
      'fe80::1',
      'fe80::1%eth0',
    ],
    ...['ff02::1', 'fd00:ec2::254'],
  ])('%s is refused', (address) => {
    expect(refusedAddress(address, none)).toBeTypeOf('string');
  });

  it.each(['10.1.2.3', '192.168.0.9', '8.8.8.8', '2001:db8::1', 'fd12::1', '::ffff:10.0.0.1'])(
    '%s may be asked',
    (address) => {
      expect(refusedAddress(address, none)).toBeUndefined();
    },
  );

  it('the operator may allow some', () => {
    expect(refusedAddress('::ffff:127.0.0.1', networks(['127.0.0.0/8']))).toBeUndefined();
    expect(refusedAddress('::1', networks(['127.0.0.0/8']))).toBeTypeOf('string');
    expect(() => networks(['here'])).toThrow('no network');
  });

  it('IPv4 inside IPv6 is seen', () => {
    expect(plainAddress('::ffff:1.2.3.4')).toBe('1.2.3.4');
    expect(plainAddress('2001:DB8::1')).toBe('2001:db8::1');
  });
});

describe('requests', () => {
  const signal = AbortSignal.timeout(30_000);
  const outbound = new Outbound({
    resolve: async (host) => (host === 'rebind.example' ? ['10.0.0.1', '127.0.0.1'] : ['127.0.0.1']),
  });

  it.each([
    ...[
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://017700000001/',
      'http://127.1/',
      'http://0/',
    ],
    ...[
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://169.254.169.254/latest',
      'http://localhost./',
      'http://a.example/',
    ],
    ...['http://rebind.example/'],
  ])('%s is refused before anything is sent', async (url) => {
    await expect(outbound.send(url, { signal })).rejects.toMatchObject({ code: 'OutboundAddress' });
  });

  it.each(['gopher://x/', 'file:///etc/passwd', 'ftp://x/', 'data:,x', 'unix:/run/x'])(
    '%s is of no scheme of ours',
    async (url) => {
      await expect(outbound.send(url, { signal })).rejects.toMatchObject({ code: 'OutboundScheme' });
    },
  );

  it('URLs hold no passwords', async () => {
    await expect(outbound.send('http://a:b@10.0.0.1/', { signal })).rejects.toMatchObject({ code: 'OutboundUrl' });
    await expect(outbound.send('nonsense', { signal })).rejects.toMatchObject({ code: 'OutboundUrl' });
  });
});
