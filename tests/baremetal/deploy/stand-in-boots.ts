import { createServer } from 'node:http';
import type { BootMethod, BootRequest, BootService } from '#contracts/boot';
import type { AddressInfo } from 'node:net';

const ALL: readonly BootMethod[] = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'];

/** Boots that need no files: simulated machines come up by whatever their BMC was told. */
export async function standInBoots(attemptMs: number): Promise<
  BootService & {
    published: BootRequest[];
    offered: Map<string, BootRequest>;
    /** Nodes whose machines boot something else, and what that is seen to do on the network. */
    elsewhere: Map<string, readonly string[]>;
    close(): void;
  }
> {
  // BMCs look whether a medium is there.
  const server = createServer((_request, response) => response.end('no bytes'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const published: BootRequest[] = [];
  const offered = new Map<string, BootRequest>();
  const elsewhere = new Map<string, readonly string[]>();
  return {
    published,
    offered,
    elsewhere,
    attemptMs,
    callbackUrl: url,
    async publish(request) {
      published.push(request);
      offered.set(request.node.uuid, request);
      const base = `${url}/b/${'n'.repeat(22)}`;
      return {
        nonce: 'n'.repeat(22),
        expiresAt: Number.MAX_SAFE_INTEGER,
        isoUrl: `${base}/boot.iso`,
        httpBootUrl: `${base}/boot.efi`,
        ipxeUrl: `${base}/boot.ipxe`,
        unavailable: {},
      };
    },
    withdraw: async (uuid) => void offered.delete(uuid),
    sightings: async (uuid, since = 0) =>
      (elsewhere.get(uuid) ?? ['DHCPDISCOVER']).map((what) => ({
        at: new Date(since + 1).toISOString(),
        method: 'dhcp',
        what,
      })),
    methods: async () => ({ available: ALL, unavailable: {} }),
    close: () => void server.close(),
  };
}
