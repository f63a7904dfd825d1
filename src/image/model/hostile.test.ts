import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { judgeCompression, judgeHead } from './judge.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { fromChecksumFile, checksumOf } from './checksum.ts';
import { qcow2Header } from './testing.ts';

const MIB = 1024 * 1024;
const judge = (head: Buffer, declared?: 'raw' | 'qcow2' | 'iso') => judgeHead(head, 4 * MIB, declared, DEFAULT_LIMITS);
const withText = (text: string, at = 0) => {
  const head = Buffer.alloc(65_536);
  head.write(text, at, 'latin1');
  return head;
};
const patched = (change: (head: Buffer) => void, options: Parameters<typeof qcow2Header>[0] = {}) => {
  const head = qcow2Header(options);
  change(head);
  return head;
};
const extension =
  (type: number, data = 'x') =>
  (head: Buffer) => {
    head.writeUInt32BE(type, 112);
    head.writeUInt32BE(data.length, 116);
    head.write(data, 120);
  };

describe('qcow2 headers', () => {
  it('are taken when they name nothing outside', () => {
    expect(judge(qcow2Header({ size: 10n * 1024n ** 3n }))).toEqual({ format: 'qcow2', virtualBytes: 10 * 1024 ** 3 });
    expect(judge(qcow2Header({ version: 2 })).format).toBe('qcow2');
    expect(judge(qcow2Header({ features: 8n + 16n + 1n, l1: 64 })).format).toBe('qcow2');
  });

  const hostile: Record<string, Buffer> = {
    'a backing file': patched((h) => {
      h.writeBigUInt64BE(512n, 8);
      h.writeUInt32BE(11, 16);
    }),
    'a backing file of no length': patched((h) => void h.writeBigUInt64BE(512n, 8)),
    'a length of a backing file': patched((h) => void h.writeUInt32BE(11, 16)),
    'an external data file (feature)': qcow2Header({ features: 4n }),
    'an external data file (extension)': patched(extension(0x44415441, '/etc/shadow')),
    'the format of a backing file': patched(extension(0xe2792aca, 'raw')),
    'encryption (header)': patched((h) => void h.writeUInt32BE(2, 32)),
    'encryption (extension)': patched(extension(0x0537be77)),
    'a corrupt bit': qcow2Header({ features: 2n }),
    'an unknown feature': qcow2Header({ features: 32n }),
    'an unknown feature far up': qcow2Header({ features: 1n << 63n }),
    'an unknown extension': patched(extension(0x12345678)),
    'an extension that does not fit': patched((h) => {
      h.writeUInt32BE(0x6803f857, 112);
      h.writeUInt32BE(0xffffffff, 116);
    }),
    'an unknown version': patched((h) => void h.writeUInt32BE(4, 4)),
    'tiny clusters': patched((h) => void h.writeUInt32BE(3, 20)),
    'huge clusters': patched((h) => void h.writeUInt32BE(40, 20)),
    'a first table of 32 GiB': patched((h) => void h.writeUInt32BE(0xffffffff, 36)),
    'a first table outside the file': patched((h) => void h.writeBigUInt64BE(1n << 40n, 40)),
    'a first table too small': qcow2Header({ size: 1024n ** 4n / 2n, l1: 1 }),
    'a crooked first table': patched((h) => void h.writeBigUInt64BE(12_345n, 40)),
    'a huge table of references': patched((h) => void h.writeUInt32BE(0x7fffffff, 56)),
    snapshots: patched((h) => void h.writeUInt32BE(1, 60)),
    'an impossible header length': patched((h) => void h.writeUInt32BE(1, 100)),
    'an unknown compression': patched((h) => void h.writeUInt8(7, 104), { features: 8n }),
    'a disk of exbibytes': qcow2Header({ size: 1n << 60n }),
    'a disk of nothing': qcow2Header({ size: 0n }),
    'nothing behind its first bytes': Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'),
    'an ISO as well': patched((h) => void h.write('CD001', 0x8001, 'latin1')),
  };
  it.each(Object.keys(hostile))('are refused with %s', (what) => {
    expect(() => judge(hostile[what] as Buffer)).toThrow(IngotError);
    expect(() => judge(hostile[what] as Buffer, 'qcow2')).toThrow(IngotError);
  });

  it('never make the reader fail in a way of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), fc.integer({ min: 0, max: 200 }), (noise, at) => {
        const head = qcow2Header({});
        Buffer.from(noise).copy(head, 8 + at);
        try {
          judge(head);
        } catch (error) {
          expect(error).toBeInstanceOf(IngotError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('other formats', () => {
  const others: Record<string, Buffer> = {
    'VMDK (sparse)': withText('KDMV'),
    'VMDK (ESX)': withText('COWD'),
    'VMDK (descriptor of files)': withText('# Disk DescriptorFile\nversion=1\nRW 1 FLAT "/etc/shadow" 0\n'),
    'VMDK (descriptor behind spaces)': withText('\n  # disk descriptorfile\ncreateType="monolithicFlat"\n'),
    'VMDK (descriptor behind a comment)': withText('# hello\ncreateType="vmfs"\nRW 63 VMFS "/dev/sda"\n'),
    VHDX: withText('vhdxfile'),
    VHD: withText('conectix'),
    VDI: withText('\x7f\x10\xda\xbe', 0x40),
    QED: withText('QED\0'),
    'qcow 1': withText('QFI\xfb\0\0\0\x01'),
    LUKS: withText('LUKS\xba\xbe'),
    Parallels: withText('WithoutFreeSpace'),
    cloop: withText('#!/bin/sh\n#V2.0 Format'),
    DMG: withText('koly'),
    OVA: (() => {
      const head = withText('disk.ovf\0');
      head.write('ustar', 257, 'latin1');
      return head;
    })(),
  };
  it.each(Object.keys(others))('%s is refused, whatever it is declared', (what) => {
    for (const declared of [undefined, 'raw', 'qcow2', 'iso'] as const) {
      expect(() => judge(others[what] as Buffer, declared)).toThrow(/refused/);
    }
  });

  it('raw, GPT and ISO are what they are', () => {
    expect(judge(Buffer.alloc(65_536)).format).toBe('raw');
    expect(judge(withText('EFI PART', 512)).format).toBe('raw');
    expect(judge(withText('CD001', 0x8001)).format).toBe('iso');
    expect(() => judge(Buffer.alloc(0))).toThrow('empty');
  });

  it('nothing is taken for what it is not', () => {
    expect(() => judge(qcow2Header({}), 'raw')).toThrow('declared raw, but what is in the file is qcow2');
    expect(() => judge(withText('EFI PART', 512), 'qcow2')).toThrow('declared qcow2, but what is in the file is raw');
    expect(() => judge(withText('CD001', 0x8001), 'raw')).toThrow('an ISO');
  });

  it('a raw disk larger than allowed is refused by its length', () => {
    expect(() => judgeHead(Buffer.alloc(512), 2 ** 42, 'raw', DEFAULT_LIMITS)).toThrow('more than');
  });

  it.each(['BZh91AY', '\x04\x22\x4d\x18', 'PK\x03\x04'])('%j is not unpacked', (text) => {
    expect(() => judgeCompression(withText(text))).toThrow('packed with');
  });
});

describe('checksums', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(128)];
  it('are read as people write them', () => {
    expect(checksumOf(`sha256:${a.toUpperCase()}`)).toEqual({ algorithm: 'sha256', hex: a });
    expect(checksumOf(b)).toEqual({ algorithm: 'sha512', hex: b });
    expect(checksumOf('https://x.example/SHA256SUMS')).toBeUndefined();
    for (const bad of ['', 'md5:abc', `sha512:${a}`, 'a'.repeat(63), 'z'.repeat(64)])
      expect(() => checksumOf(bad)).toThrow('checksum');
  });

  it('are found in files of checksums', () => {
    const file = `${'1'.repeat(64)}  other.qcow2\n${a} *disk.qcow2\n`;
    expect(fromChecksumFile(file, 'disk.qcow2').hex).toBe(a);
    expect(fromChecksumFile(`SHA512 (disk.qcow2) = ${b}\n`, 'disk.qcow2').hex).toBe(b);
    expect(fromChecksumFile(`${a}\n`, 'disk.qcow2').hex).toBe(a);
    expect(() => fromChecksumFile(file, 'none.qcow2')).toThrow('does not name none.qcow2');
  });
});
