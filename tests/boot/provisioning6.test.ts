import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootRequest, BootTicket } from '../../src/contracts/boot.ts';
import { type Provisioning, startProvisioning } from './provisioning.ts';

const A = '11111111-1111-4111-8111-111111111111';
const MAC = '52:54:00:00:00:01';
const PXE = { arch: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003000' };
const HTTP = { arch: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' };
/** iPXE of Debian 12 tells by DHCPv6 that it is iPXE and nothing else. */
const IPXE = { arch: null, userClass: 'iPXE' };

let site: Provisioning;
beforeAll(async () => {
  site = await startProvisioning();
}, 120_000);
afterAll(async () => {
  await site?.close();
});

const request = (change: Partial<BootRequest> = {}): BootRequest => ({
  node: { uuid: A, macs: [MAC], bootMode: 'uefi', secureBoot: false, cpuArch: 'x86_64' },
  payload: { kind: 'ramdisk', purpose: 'deploy', parameters: { 'ipa-api-url': 'http://[fd00:9::1]:6386' } },
  ...change,
});

describe('a machine that speaks IPv6 on the provisioning network', () => {
  it('gets an address, a loader by TFTP or HTTP, and as iPXE its script', async () => {
    const ticket = (await site.ask({ do: 'publish', request: request() })) as BootTicket;
    const own = `http://[fd00:9::1]/b/${ticket.nonce}`;
    const address = expect.stringMatching(/^fd00:0009:0000:0000:[89a-f]/);
    const ask = (who: typeof PXE | typeof IPXE) => site.ask({ do: 'dhcp6', mac: MAC, ...who });
    expect(await ask(PXE)).toEqual({ address, bootUrl: 'tftp://[fd00:9::1]/snponly.efi', vendorClass: null });
    // UEFI takes an offer for HTTP boot only with this class in it.
    expect(await ask(HTTP)).toEqual({
      address,
      bootUrl: `${own}/boot.efi`,
      vendorClass: { enterprise: expect.any(Number), text: 'HTTPClient' },
    });
    expect(await ask(IPXE)).toEqual({ address, bootUrl: `${own}/boot.ipxe`, vendorClass: null });
    expect(await ask({ ...PXE, userClass: 'iPXE' } as never)).toMatchObject({ bootUrl: `${own}/boot.ipxe` });
    const get = async (path: string) =>
      Buffer.from((await site.ask({ do: 'get', path, six: true })).base64, 'base64').toString();
    const script = await get(`/b/${ticket.nonce}/boot.ipxe`);
    expect(script).toContain(`kernel --name kernel ${own}/kernel initrd=initrd`);
    expect(script).toContain(`chain --replace ${own}/boot.ipxe`);
    expect(await get('/boot.ipxe')).toContain('chain --replace http://[fd00:9::1]/m/${netX/mac:hexhyp}/boot.ipxe');
    expect(script).not.toContain('10.9.0.1');
    const seen = await site.ask({ do: 'sightings', node: A });
    for (const what of ['DHCPSOLICIT', 'DHCPADVERTISE', 'DHCPREPLY'])
      expect(seen).toContainEqual(expect.objectContaining({ method: 'dhcp', what, mac: MAC }));
    await site.ask({ do: 'withdraw', node: A });
    expect(await ask(PXE)).toBeNull();
  }, 120_000);

  it('is found although nobody knows it, where discovery is on', async () => {
    await using there = await startProvisioning({ discovery: true });
    const ask = async (who: typeof PXE | typeof IPXE) =>
      (await there.ask({ do: 'dhcp6', mac: '52:54:00:00:00:09', ...who })).bootUrl;
    expect(await ask(PXE)).toBe('tftp://[fd00:9::1]/snponly.efi');
    expect(await ask(HTTP)).toBe('http://[fd00:9::1]/loaders/snponly.efi');
    expect(await ask(IPXE)).toBe('http://[fd00:9::1]/boot.ipxe');
    const script = await there.ask({ do: 'get', path: '/m/52-54-00-00-00-09/boot.ipxe', six: true });
    expect(Buffer.from(script.base64, 'base64').toString()).toContain(
      'kernel --name kernel http://[fd00:9::1]/d/kernel',
    );
  }, 120_000);
});
