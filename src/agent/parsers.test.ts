import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBootCsv, parseEfibootmgr } from './boot/efi-entries.ts';
import { parseSecurity } from './erase/ata.ts';
import { parseIdCtrl, parseSanitizeLog } from './erase/nvme.ts';
import { checksumIn } from './images/checksum.ts';
import { checkQcow2, compressionOf, formatOf } from './images/formats.ts';
import { parseLan6Print, parseLanPrint } from './inventory/bmc.ts';
import { pathOf, transportOf, wwnOf } from './inventory/disks.ts';
import { firstFrame, parseLldp } from './inventory/lldp.ts';
import { fastestOf, infinibandMac } from './inventory/nics.ts';
import { parseCpuinfo } from './inventory/processor.ts';
import { memoryModules, parseSmbios } from './inventory/smbios.ts';
import { newestBls, parseBls, parseGrubCfg, parseGrubenv, peSections } from './kexec/entries.ts';
import { parseCommandLine, readParameters } from './parameters.ts';

describe('the kernel command line', () => {
  test('is read in the names of ironic-python-agent', () => {
    const words = parseCommandLine(
      'BOOT_IMAGE=/kernel console=ttyS0 quiet ipa-api-url=http://10.0.0.1:6385/ ipa-insecure=1 ipa-collect-lldp=True BOOTIF=01-52-54-00-AA-BB-CC x="a b" ipa-inspection-collectors=default,logs,$(reboot)',
    );
    expect(words.get('x')).toBe('a b');
    expect(readParameters(words)).toMatchObject({
      apiUrls: ['http://10.0.0.1:6385'],
      insecure: true,
      collectLldp: true,
      bootMac: '52:54:00:aa:bb:cc',
      collectors: ['default', 'logs'],
      token: null,
      port: 9999,
    });
  });

  test('has no value that could be more than it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (url, rest) => {
        const read = readParameters(parseCommandLine(`ipa-api-url=${url} ${rest}`));
        for (const one of read.apiUrls) expect(/^https?:$/.test(new URL(one).protocol)).toBe(true);
        for (const name of read.collectors) expect(name).toMatch(/^[a-z0-9-]+$/);
      }),
    );
    expect(readParameters(new Map([['ipa-api-url', 'mdns']])).apiUrls).toEqual([]);
  });
});

describe('disks in sysfs', () => {
  test('are named by udev’s rules', () => {
    const pci = '/sys/devices/pci0000:00/0000:00:1f.2';
    expect(pathOf(`${pci}/ata3/host2/target2:0:0/2:0:0:0/block/sda`, null, 3)).toBe('pci-0000:00:1f.2-ata-3.0');
    expect(pathOf('/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1', '1', null)).toBe(
      'pci-0000:00:04.0-nvme-1',
    );
    expect(pathOf('/sys/devices/pci0000:00/0000:00:05.0/virtio2/block/vda', null, null)).toBe('pci-0000:00:05.0');
    expect(pathOf(`${pci}/host0/target0:2:1/0:2:1:0/block/sdb`, null, null)).toBe('pci-0000:00:1f.2-scsi-0:2:1:0');
    expect(
      pathOf('/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdc', null, null),
    ).toBe('pci-0000:00:14.0-usb-0:2:1.0-scsi-0:0:0:0');
    expect(transportOf(`${pci}/ata3/host2/target2:0:0/2:0:0:0/block/sda`)).toBe('sata');
  });

  test('have names of the world', () => {
    expect(wwnOf('naa.5000c50012345678')).toEqual({
      wwn: '0x5000c50012345678',
      wwn_with_extension: '0x5000c50012345678',
      wwn_vendor_extension: null,
    });
    expect(wwnOf('naa.600508b1001c4d41a1b2c3d4e5f60718')).toMatchObject({
      wwn: '0x600508b1001c4d41',
      wwn_vendor_extension: '0xa1b2c3d4e5f60718',
    });
    expect(wwnOf('eui.0025385b91d02ae7').wwn).toBe('eui.0025385b91d02ae7');
    expect(wwnOf('t10.ATA     QEMU').wwn).toBeNull();
  });
});

describe('LLDP', () => {
  const frame = Buffer.from(
    '0180c200000e0011223344550088cc'.replace('0088cc', '88cc') + '0207040011223344550403056574310602007800000000',
    'hex',
  );

  test('TLVs of a frame, also behind VLAN tags, out of a capture', () => {
    const tlvs = [
      [1, '04001122334455'],
      [2, '05657431'.slice(0, 6)],
    ];
    expect(parseLldp(frame)?.slice(0, 1)).toEqual(tlvs.slice(0, 1));
    const tagged = Buffer.concat([frame.subarray(0, 12), Buffer.from('81000064', 'hex'), frame.subarray(12)]);
    expect(parseLldp(tagged)).toEqual(parseLldp(frame));
    const head = Buffer.alloc(40);
    head.writeUInt32LE(0xa1b2c3d4, 0);
    head.writeUInt32LE(frame.length, 32);
    expect(firstFrame(Buffer.concat([head, frame]))?.equals(frame)).toBe(true);
    expect(firstFrame(head)).toBeNull();
  });

  test('whatever a neighbour sends, no TLV is longer than 511 octets and nothing throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1600 }), (noise) => {
        const bytes = Buffer.concat([frame.subarray(0, 14), Buffer.from(noise)]);
        for (const [type, value] of parseLldp(bytes) ?? []) {
          expect(type).toBeLessThan(128);
          expect(value.length / 2).toBeLessThan(512);
        }
        firstFrame(Buffer.from(noise));
      }),
      { numRuns: 500 },
    );
  });
});

describe('tools', () => {
  test('hdparm tells what an ATA drive can', () => {
    const text = `
Security:
\tMaster password revision code = 65534
\t\tsupported
\tnot\tenabled
\tnot\tlocked
\tnot\tfrozen
\tnot\texpired: security count
\t\tsupported: enhanced erase
\t4min for SECURITY ERASE UNIT. 6min for ENHANCED SECURITY ERASE UNIT.
Logical Unit WWN Device Identifier: 5000c50012345678
`;
    expect(parseSecurity(text)).toEqual({
      supported: true,
      enabled: false,
      locked: false,
      frozen: false,
      enhanced: true,
      minutes: 4,
      enhancedMinutes: 6,
    });
    expect(parseSecurity(text.replace('not\tfrozen', '\tfrozen'))?.frozen).toBe(true);
    expect(parseSecurity('ATA device, with non-removable media\n')).toBeNull();
  });

  test('nvme tells what a controller can, and how a sanitize goes', () => {
    expect(parseIdCtrl('{"oacs":23,"fna":4,"sanicap":3}')).toEqual({
      format: true,
      formatCrypto: true,
      sanitizeCrypto: true,
      sanitizeBlock: true,
    });
    expect(parseIdCtrl('nothing')).toBeNull();
    expect(parseSanitizeLog('{"sprog":100,"sstat":2}')).toEqual({ done: false, failed: false, part: 100 });
    expect(parseSanitizeLog('{"nvme0":{"sprog":65535,"sstat":{"status":"0x101"}}}')).toMatchObject({ done: true });
    expect(parseSanitizeLog('{"sprog":65535,"sstat":3}')).toMatchObject({ failed: true });
    expect(parseSanitizeLog('')).toMatchObject({ failed: true });
  });

  test('ipmitool tells where the BMC is', () => {
    const lan =
      'IP Address Source       : DHCP Address\nIP Address              : 10.1.2.3\nMAC Address             : 52:54:00:AA:BB:CC\n';
    expect(parseLanPrint(lan)).toEqual({ address: '10.1.2.3', mac: '52:54:00:aa:bb:cc' });
    expect(parseLanPrint(lan.replace('10.1.2.3', '0.0.0.0'))?.address).toBeNull();
    expect(parseLanPrint('Channel 2 is not a LAN channel\n')).toBeNull();
    const lan6 =
      'IPv6 Dynamic Address 0:\n    Address: fe80::1/64\nIPv6 Dynamic Address 1:\n    Address: fd00:9::42/64\n';
    expect(parseLan6Print(lan6)).toBe('fd00:9::42');
  });

  test('efibootmgr lists entries, with and without paths', () => {
    const text =
      'BootCurrent: 0003\nTimeout: 0 seconds\nBootOrder: 0003,0001\nBoot0001* debian\tHD(15,GPT,abc)/File(\\EFI\\debian\\shimx64.efi)\nBoot0003  UEFI PXEv4 (MAC:525400AABB01)\tPciRoot(0x0)\n';
    expect(parseEfibootmgr(text)).toEqual({
      current: '0003',
      order: ['0003', '0001'],
      entries: [
        { id: '0001', active: true, label: 'debian', path: 'HD(15,GPT,abc)/File(\\EFI\\debian\\shimx64.efi)' },
        { id: '0003', active: false, label: 'UEFI PXEv4 (MAC:525400AABB01)', path: 'PciRoot(0x0)' },
      ],
    });
  });

  test('a list of loaders names a file beside it and nothing else', () => {
    const wide = Buffer.from('\ufeffshimx64.efi,debian,,This is the boot entry for debian\n', 'utf16le');
    expect(parseBootCsv(wide)).toEqual({ loader: 'shimx64.efi', label: 'debian' });
    expect(parseBootCsv(Buffer.from('grubx64.efi,Fedora'))).toEqual({ loader: 'grubx64.efi', label: 'Fedora' });
    for (const bad of ['../../x.efi,a', '/bin/sh,a', '', 'x,y']) expect(parseBootCsv(Buffer.from(bad))).toBeNull();
  });

  test('ethtool and InfiniBand', () => {
    const text =
      '\tSupported link modes:   1000baseT/Full\n\t                        10000baseT/Full\n\tSupported pause frame use: No\n';
    expect(fastestOf(text)).toBe(10_000);
    expect(infinibandMac('a0:00:00:27:fe:80:00:00:00:00:00:00:7c:fe:90:03:00:29:26:52')).toBe('7c:fe:90:29:26:52');
  });

  test('cpuinfo of x86 and ARM', () => {
    const x86 =
      'processor\t: 0\nmodel name\t: A CPU\ncpu MHz\t\t: 2400.1\nphysical id\t: 0\nflags\t\t: fpu vmx\n\nprocessor\t: 1\nphysical id\t: 1\n';
    expect(parseCpuinfo(x86)).toEqual({
      model_name: 'A CPU',
      frequency: '2400.1',
      count: 2,
      flags: ['fpu', 'vmx'],
      socket_count: 2,
    });
    expect(parseCpuinfo('processor\t: 0\nFeatures\t: fp asimd\n')).toMatchObject({
      count: 1,
      flags: ['fp', 'asimd'],
      socket_count: null,
    });
  });

  test('SMBIOS memory modules, and no table however broken throws', () => {
    const module_ = Buffer.alloc(0x28);
    module_.writeUInt8(17, 0);
    module_.writeUInt8(0x28, 1);
    module_.writeUInt16LE(0x7fff, 0x0c);
    module_.writeUInt32LE(65_536, 0x1c);
    module_.writeUInt8(1, 0x10);
    const table = Buffer.concat([module_, Buffer.from('DIMM A1\0\0'), Buffer.from([127, 4, 0, 0, 0, 0])]);
    expect(memoryModules(parseSmbios(table))).toMatchObject([{ locator: 'DIMM A1', size_mb: 65_536 }]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => void memoryModules(parseSmbios(Buffer.from(noise)))),
    );
  });

  test('lists of checksums', () => {
    const hash = 'a'.repeat(64);
    expect(checksumIn(`${hash}\n`, 'x')).toBe(hash);
    expect(checksumIn(`${'b'.repeat(64)}  other.raw\n${hash} *disk.raw\n`, 'disk.raw')).toBe(hash);
    expect(checksumIn(`SHA256 (disk.raw) = ${hash}\n`, 'disk.raw')).toBe(hash);
    expect(checksumIn(`${hash}  other.raw\nx`, 'disk.raw')).toBeNull();
  });
});

describe('formats', () => {
  test('are told by their bytes', () => {
    expect(compressionOf(Buffer.from('1f8b', 'hex'))).toBe('gzip');
    expect(compressionOf(Buffer.from('28b52ffd', 'hex'))).toBe('zstd');
    expect(compressionOf(Buffer.from('fd377a585a00', 'hex'))).toBe('xz');
    expect(formatOf(Buffer.from('LUKS\xba\xbe\0', 'latin1'))).toBe('luks');
    expect(formatOf(Buffer.alloc(512))).toBe('raw');
  });

  test('a qcow2 header either fits or is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), (noise) => {
        const head = Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.from(noise)]);
        try {
          expect(checkQcow2(head)).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ImageRefused' });
        }
      }),
    );
  });
});

describe('what a system would start', () => {
  test('entries of the Boot Loader Specification, the newest first and rescue last', () => {
    const entry = (version: string, title = 'Fedora') =>
      parseBls(
        `title ${title}\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img $tuned\noptions root=UUID=1 ro\n`,
        'x.conf',
      );
    const all = [entry('6.9.1'), entry('6.10.2'), entry('9', 'Rescue')].flatMap((one) => one ?? []);
    expect(newestBls(all)).toMatchObject({ linux: '/vmlinuz-6.10.2', options: 'root=UUID=1 ro' });
    expect(parseBls('title Windows\nefi /EFI/Microsoft/x.efi\n', 'w')).toBeNull();
  });

  test('the first entry of a grub.cfg with its variables', () => {
    const cfg = `set default="0"
set kernelopts="quiet splash"
menuentry 'Debian GNU/Linux' --class debian {
\tlinux\t/boot/vmlinuz-6.1.0 root=UUID=abc ro  $kernelopts \${extra}
\tinitrd\t/boot/ucode.img /boot/initrd.img-6.1.0
}
menuentry 'Old' {
\tlinux /boot/old
}`;
    expect(parseGrubCfg(cfg, parseGrubenv('# GRUB\nextra=console=ttyS0\n####'))).toEqual({
      title: 'Debian GNU/Linux',
      linux: '/boot/vmlinuz-6.1.0',
      initrd: '/boot/initrd.img-6.1.0',
      options: 'root=UUID=abc ro quiet splash console=ttyS0',
      sort: '',
    });
    expect(parseGrubCfg('set x=1\n')).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => void parseGrubCfg(text)));
  });

  test('sections of a unified kernel, and no file however broken throws', () => {
    const file = Buffer.alloc(1024);
    file.write('MZ', 0);
    file.writeUInt32LE(0x80, 0x3c);
    file.write('PE\0\0', 0x80);
    file.writeUInt16LE(1, 0x86);
    file.writeUInt16LE(0, 0x94);
    file.write('.cmdline', 0x98);
    file.writeUInt32LE(5, 0x98 + 8);
    file.writeUInt32LE(512, 0x98 + 16);
    file.writeUInt32LE(512, 0x98 + 20);
    file.write('quiet', 512);
    expect(peSections(file)?.get('.cmdline')?.toString()).toBe('quiet');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const bytes = Buffer.from(file);
        bytes.set(noise, 0x80);
        peSections(bytes);
        peSections(Buffer.from(noise));
      }),
    );
  });
});
