import type { BootMethod, BootRequest } from '#contracts/boot';

/** What a boot host can do, as it says itself. */
export interface HostFacts {
  dhcp: 'on' | 'proxy' | 'off';
  /** Why it can make no media; null when it can. */
  media: string | null;
}

const PROXIED = 'beside another DHCP server (boot.dhcp) every machine is given iPXE';

/** Bytes of the place for a node's own archive on a medium. */
const MEDIUM_PLACE = 256 * 1024;

/** Why a machine cannot boot what is asked in this way, in words; null when it can. */
export function cannot(
  method: BootMethod,
  request: BootRequest,
  host: HostFacts,
  nodeImageBytes: number | null,
): string | null {
  const { node, payload } = request;
  if (payload.kind === 'disk') return 'the machine boots its own disk';
  if (method === 'virtual-media') {
    if (host.media !== null) return host.media;
    if ((nodeImageBytes ?? 0) > MEDIUM_PLACE) return 'its network data and parameters do not fit on a medium';
    if (node.cpuArch === 'aarch64' && node.bootMode === 'bios') return 'arm64 machines have no BIOS mode';
    return null;
  }
  if (node.macs.length === 0) return 'the node has no port whose MAC it could be known by';
  if (method === 'uefi-http') {
    if (node.bootMode !== 'uefi') return 'the machine boots in BIOS mode, and HTTP boot is part of UEFI';
    // Seen on OVMF: shim comes by HTTP and fetches GRUB, which has no module for HTTP and ends at its prompt.
    if (node.secureBoot) return "Secure Boot is on, and Debian's signed GRUB speaks no HTTP";
    return node.cpuArch === 'aarch64' || request.loader === 'grub' ? "Debian's signed GRUB speaks no HTTP" : null;
  }
  if (method === 'ipxe') {
    if (node.secureBoot) return 'Secure Boot is on, and Debian has no signed iPXE';
    if (node.cpuArch === 'aarch64') return 'Debian has no iPXE for arm64';
    return host.dhcp === 'off' ? 'DHCP is switched off (boot.dhcp), so no machine finds its iPXE script' : null;
  }
  if (payload.kind === 'iso') return 'an ISO cannot be loaded by PXE; virtual media or iPXE can';
  if (host.dhcp === 'proxy') return PROXIED;
  return host.dhcp === 'off' ? 'DHCP and TFTP are switched off (boot.dhcp)' : null;
}

/** Of the methods in order, those that can be offered at all here. */
export function possible(
  order: readonly BootMethod[],
  host: HostFacts,
): { available: BootMethod[]; unavailable: Partial<Record<BootMethod, string>> } {
  const unavailable: Partial<Record<BootMethod, string>> = {};
  if (host.media !== null) unavailable['virtual-media'] = host.media;
  if (host.dhcp === 'off') {
    unavailable.ipxe = 'DHCP is switched off (boot.dhcp)';
    unavailable.pxe = 'DHCP and TFTP are switched off (boot.dhcp)';
  }
  if (host.dhcp === 'proxy') unavailable.pxe = PROXIED;
  for (const method of ['virtual-media', 'uefi-http', 'ipxe', 'pxe'] as const)
    if (!order.includes(method)) unavailable[method] = 'it is not in boot.methods';
  return { available: order.filter((method) => unavailable[method] === undefined), unavailable };
}
