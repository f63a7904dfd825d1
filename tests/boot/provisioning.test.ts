import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootRequest, BootTicket } from '../../src/contracts/boot.ts';
import { run } from '../../src/kernel/run.ts';
import { until } from '../house/ingot.ts';
import { type Provisioning, startProvisioning } from './provisioning.ts';

const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';
const MAC = '52:54:00:00:00:01';

let site: Provisioning;
beforeAll(async () => {
  site = await startProvisioning();
}, 120_000);
afterAll(async () => {
  await site?.close();
});

const request = (change: Partial<BootRequest['node']> = {}, rest: Partial<BootRequest> = {}): BootRequest => ({
  node: { uuid: A, macs: [MAC], bootMode: 'uefi', secureBoot: false, cpuArch: 'x86_64', ...change },
  payload: { kind: 'ramdisk', purpose: 'deploy', parameters: { 'ipa-api-url': 'http://10.9.0.1:6386' } },
  ...rest,
});
const publish = (one: BootRequest): Promise<BootTicket> => site.ask({ do: 'publish', request: one });
const text = async (path: string): Promise<string> =>
  Buffer.from((await site.ask({ do: 'get', path })).base64, 'base64').toString();
const status = async (path: string, media = false): Promise<number> =>
  (await site.ask({ do: 'get', path, media })).status;
const own = (ticket: BootTicket, name: string) => `/b/${ticket.nonce}/${name}`;

describe('a machine on the provisioning network', () => {
  it('is ignored by DHCP until it is offered a boot, and again after that was withdrawn', async () => {
    expect(await site.ask({ do: 'dhcp', mac: MAC, arch: 7 })).toEqual({});
    const ticket = await publish(request());
    const plain = await site.ask({ do: 'dhcp', mac: MAC, arch: 7 });
    expect(plain).toMatchObject({ siaddr: '10.9.0.1', bootfile: 'snponly.efi' });
    const ipxe = await site.ask({ do: 'dhcp', mac: MAC, arch: 7, ipxe: true });
    expect(ipxe.bootfile).toBe(`http://10.9.0.1/b/${ticket.nonce}/boot.ipxe`);
    expect((await site.ask({ do: 'dhcp', mac: MAC, arch: 0 })).bootfile).toBe('undionly.kpxe');
    const http = await site.ask({ do: 'dhcp', mac: MAC, arch: 16, http: true });
    expect(http.bootfile).toBe(ticket.httpBootUrl);
    expect(Object.values(http).join(' ')).toContain('HTTPClient');
    await publish(request({ secureBoot: true }));
    expect((await site.ask({ do: 'dhcp', mac: MAC, arch: 7 })).bootfile).toBe('shimx64.efi');
    await site.ask({ do: 'withdraw', node: A });
    expect(await site.ask({ do: 'dhcp', mac: MAC, arch: 7 })).toEqual({});
  }, 120_000);

  it('fetches what its offer holds under its nonce, and nothing under any other', async () => {
    const ticket = await publish(request({}, { method: 'ipxe' }));
    expect(ticket.unavailable).toEqual({});
    const again = await publish(request({}, { method: 'ipxe' }));
    expect(again.nonce).toBe(ticket.nonce);
    const script = await text(own(ticket, 'boot.ipxe'));
    expect(script).toContain(`kernel --name kernel http://10.9.0.1/b/${ticket.nonce}/kernel`);
    expect(script).toContain('console=ttyS0 ipa-api-url=http://10.9.0.1:6386');
    expect(await text(`/m/01-${MAC.replaceAll(':', '-')}/boot.ipxe`)).toBe(script);
    expect(await text('/boot.ipxe')).toContain('http://10.9.0.1/m/${netX/mac:hexhyp}/boot.ipxe');
    expect(await text(own(ticket, 'kernel'))).toHaveLength(100_000);
    // As shim asks for GRUB over HTTP.
    expect(await text(own(ticket, '/grubx64.efi'))).toHaveLength(30_000);
    const part = await site.ask({ do: 'get', path: own(ticket, 'initrd'), range: 'bytes=10-19' });
    expect(part).toMatchObject({ status: 206, size: 10, headers: { 'content-range': 'bytes 10-19/3000000' } });
    expect(await site.ask({ do: 'get', path: own(ticket, 'initrd'), head: true })).toMatchObject({
      status: 200,
      size: 0,
      headers: { 'content-length': '3000000' },
    });
    expect(await text(own(ticket, 'node.img'))).toContain(`"node_uuid":"${A}"`);
    for (const path of [
      '/',
      '/b/',
      `/b/${'A'.repeat(22)}/kernel`,
      own(ticket, '..'),
      own(ticket, 'manifest.json'),
      `/b/${ticket.nonce}/../kernel`,
      '/m/52:54:00:00:00:09/boot.ipxe',
      `/m/${MAC}/kernel`,
      '/loaders/../kernel',
      '/loaders/keys.efi',
    ])
      expect([path, await status(path)]).toEqual([path, 404]);
    const fresh = await publish(
      request({}, { method: 'ipxe', payload: { kind: 'ramdisk', purpose: 'clean', parameters: {} } }),
    );
    expect(fresh.nonce).not.toBe(ticket.nonce);
    expect(await status(own(ticket, 'kernel'))).toBe(404);
    await site.ask({ do: 'withdraw', node: A });
    expect(await status(own(fresh, 'kernel'))).toBe(404);
  }, 120_000);

  it('fetches by TFTP what PXELINUX, or shim and GRUB, are to load', async () => {
    const tftp = (path: string): Promise<string | null> => site.ask({ do: 'tftp', path });
    // Debian's signed GRUB speaks no HTTP.
    const secure = await publish(request({ secureBoot: true }, { method: 'pxe' }));
    expect(secure.unavailable['uefi-http']).toContain('speaks no HTTP');
    expect(await tftp('grub/grub.cfg')).toBe('source /m/$net_default_mac/grub.cfg\n');
    const script = await tftp(`m/${MAC}/grub.cfg`);
    expect(script).toContain(`linux '/b/${secure.nonce}/kernel' 'console=ttyS0'`);
    expect(script).toContain(`initrd '/b/${secure.nonce}/initrd' '/b/${secure.nonce}/node.img'`);
    expect(await tftp(`b/${secure.nonce}/kernel`)).toHaveLength(100_000);
    expect(await tftp(`b/${secure.nonce}/node.img`)).toContain(`"node_uuid":"${A}"`);
    const bios = await publish(request({ bootMode: 'bios' }, { method: 'pxe' }));
    expect(await tftp(`pxelinux.cfg/01-${MAC.replaceAll(':', '-')}`)).toContain(`/b/${bios.nonce}/kernel`);
    expect(await tftp(`b/${secure.nonce}/kernel`)).toBeNull();
    await site.ask({ do: 'withdraw', node: A });
    expect(await tftp(`m/${MAC}/grub.cfg`)).toBeNull();
    expect(await tftp(`pxelinux.cfg/01-${MAC.replaceAll(':', '-')}`)).toBeNull();
  }, 120_000);

  it('gets a medium with its own parameters and network data in it, made once for all', async (context) => {
    const missing = await run('xorriso', ['--version'], { timeoutMs: 5000 }).then(
      () => false,
      () => true,
    );
    context.skip(missing, 'because Debian package xorriso is not installed');
    // Before any machine asks for one.
    const made = async () =>
      (await readdir(join(site.dataDir, 'boot/media')).catch(() => [])).filter((name) => name.endsWith('.iso'));
    await until('the medium is made', async () => (await made()).length > 0, 60_000);
    const ahead = await made();
    const networkData = { links: [], networks: [{ ip_address: '10.9.0.77' }] };
    const ticket = await publish(request({}, { method: 'virtual-media', networkData }));
    const path = new URL(ticket.isoUrl ?? '').pathname;
    expect(ticket.isoUrl).toBe(`http://127.0.0.1:8081/b/${ticket.nonce}/boot.iso`);
    const whole = await site.ask({ do: 'get', path, media: true });
    expect(whole.status).toBe(200);
    expect(await status(own(ticket, 'kernel'), true)).toBe(404);
    const dir = await mkdtemp(join(tmpdir(), 'ibi-'));
    try {
      await writeFile(join(dir, 'iso'), Buffer.from(whole.base64, 'base64'));
      const extract = ['-osirrox', 'on', '-indev', join(dir, 'iso'), '-extract', '/', join(dir, 'tree')];
      await run('xorriso', extract, { timeoutMs: 30_000 });
      const file = (name: string) => readFile(join(dir, 'tree', name), 'utf8');
      expect(await file('boot/grub/grub.cfg')).toMatch(
        /^set timeout=0\nset pager=0\nlinux '\/boot\/kernel' 'console=ttyS0' 'ipa-api-url=/,
      );
      expect(await file('isolinux/isolinux.cfg')).toContain('APPEND initrd=/boot/initrd,/boot/node.img console=ttyS0');
      expect(JSON.parse(await file('openstack/latest/network_data.json'))).toEqual(networkData);
      expect(await file('boot/node.img')).toContain('network_data.json');
      expect((await readFile(join(dir, 'tree/boot/initrd'))).length).toBe(3_000_000);
    } finally {
      await run('chmod', ['-R', 'u+w', dir], { timeoutMs: 5000 });
      await rm(dir, { recursive: true });
    }
    const other = await publish(request({ uuid: B, macs: ['52:54:00:00:00:02'] }, { method: 'virtual-media' }));
    const second = await site.ask({ do: 'get', path: new URL(other.isoUrl ?? '').pathname, media: true });
    expect(second.size).toBe(whole.size);
    expect(second.base64).not.toBe(whole.base64);
    expect(await made()).toEqual(ahead);
    await site.ask({ do: 'withdraw', node: A });
    await site.ask({ do: 'withdraw', node: B });
  }, 120_000);

  it('is told what cannot be, before it would find out', async () => {
    const linux = (kernel: string) =>
      request(
        {},
        { payload: { kind: 'linux', kernel, initrd: `${site.dataDir}/files/kernel`, parameters: ['quiet'] } },
      );
    const ticket = await publish(linux(`${site.dataDir}/files/kernel`));
    expect(await text(own(ticket, 'kernel'))).toBe('a kernel');
    for (const kernel of [
      `${site.dataDir}/secret`,
      `${site.dataDir}/files/../secret`,
      'file:///etc/passwd',
      'kernel',
      '/dev/zero',
    ])
      await expect(publish(linux(kernel))).rejects.toMatchObject({ code: 'BootFile' });
    await expect(publish(request({ uuid: B }))).rejects.toMatchObject({ code: 'BootMacTaken' });
    await expect(
      publish(request({}, { payload: { kind: 'ramdisk', purpose: 'deploy', parameters: { a: 'b\nshell' } } })),
    ).rejects.toMatchObject({ code: 'BootParameter' });
    expect((await publish(request({ secureBoot: true }))).unavailable).toMatchObject({
      ipxe: expect.stringContaining('Secure Boot'),
    });
    expect((await publish(request({ bootMode: 'bios' }))).unavailable).toMatchObject({
      'uefi-http': expect.stringContaining('BIOS'),
    });
    await site.ask({ do: 'withdraw', node: A });
  }, 60_000);

  it('leaves a trace of all it asked for, and finds DHCP again after dnsmasq was killed', async () => {
    const ticket = await publish(request());
    await site.ask({ do: 'kill-dnsmasq' });
    expect((await site.ask({ do: 'dhcp', mac: MAC, arch: 7 })).bootfile).toBe('snponly.efi');
    await status(own(ticket, 'kernel'));
    const seen = (await site.ask({ do: 'sightings', node: A })) as {
      what: string;
      method: string;
      bytes?: number;
      mac?: string;
    }[];
    expect(seen).toContainEqual(expect.objectContaining({ method: 'dhcp', what: 'DHCPACK', mac: MAC }));
    expect(seen).toContainEqual(expect.objectContaining({ what: 'GET kernel', bytes: 100_000 }));
  }, 60_000);
});

describe('an unknown machine where discovery is on', () => {
  it('gets an address, a loader and the ramdisk that reports it, and a known one still its own', async () => {
    await using there = await startProvisioning({ discovery: true });
    const get = async (path: string) => Buffer.from((await there.ask({ do: 'get', path })).base64, 'base64').toString();
    const found = await there.ask({ do: 'dhcp', mac: '52:54:00:00:00:09', arch: 7, ipxe: true });
    expect(found.boot_file ?? found.bootfile).toBe('http://10.9.0.1/boot.ipxe');
    const plain = await there.ask({ do: 'dhcp', mac: '52:54:00:00:00:09', arch: 7 });
    expect(plain.boot_file ?? plain.bootfile).toBe('snponly.efi');
    const script = await get('/m/52-54-00-00-00-09/boot.ipxe');
    expect(script).toContain('kernel --name kernel http://10.9.0.1/d/kernel');
    expect(script).toContain('ipa-inspection-callback-url=http://10.9.0.1:6386/v1/continue_inspection');
    expect(await get('/d/initrd')).toHaveLength(3_000_000);
    const ticket = (await there.ask({ do: 'publish', request: request() })) as BootTicket;
    const known = await there.ask({ do: 'dhcp', mac: MAC, arch: 7, ipxe: true });
    expect(known.boot_file ?? known.bootfile).toBe(ticket.ipxeUrl);
  }, 120_000);
});
