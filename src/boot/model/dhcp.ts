import type { BootMethod } from '#contracts/boot';
import { parseAddress } from '#kernel/addresses';
import type { Offer } from './offer.ts';
import { pxeMac } from './offer.ts';

/** Where things are on the provisioning network. */
export interface Place {
  interface: string;
  /** Own address and prefix length there. */
  address: string;
  prefix: number;
  /** An own global or local (fd…) IPv6 address, when the interface has one. */
  address6: string | null;
  prefix6: number;
  httpPort: number;
}

/** `http://10.9.0.1`, without the port where it is HTTP's own: some firmware drops it. */
export function baseUrl(place: Place, six = false): string {
  const host = six ? `[${place.address6}]` : place.address;
  return place.httpPort === 80 ? `http://${host}` : `http://${host}:${place.httpPort}`;
}

/**
 * Tags by what a client says it is: option 93 (RFC 4578 and IANA's list), 61 of DHCPv6; iPXE by option 175, or by its
 * user class, the only one of the two in DHCPv6. A client that is iPXE already gets a script, whatever machine it runs on.
 */
const CLIENTS: readonly [tag: string, arch: readonly number[]][] = [
  ['bios', [0]],
  ['efi64', [7, 9]],
  ['efiarm', [11]],
  ['http64', [16]],
  ['httparm', [19]],
];

/**
 * Vendor class (option 16 of DHCPv6) of an answer to UEFI HTTP boot. dnsmasq writes it as texts, each after its length
 * in two bytes: the first length and text come to lie where the enterprise number is, which no firmware reads.
 */
const HTTP_CLASS6 = '00,HTTPClient';

export interface DhcpWish {
  mode: 'on' | 'proxy';
  /** `first-last`. */
  range: { first: string; last: string; netmask: string };
  /** IPv6 addresses handed out, where the interface has one: firmware makes none of its own to boot with. */
  range6: { first: string; last: string };
  leaseS: number;
  routers: readonly string[];
  nameservers: readonly string[];
  discovery: boolean;
  /** Folders, absolute. */
  hosts: string;
  options: string;
  tftp: string;
  leases: string;
  /** The user it becomes; null: stays as it is. */
  user: string | null;
}

/** dnsmasq's configuration. What changes per node is in the two folders, which it reads again by itself. */
export function dnsmasqConfig(place: Place, wish: DhcpWish): string {
  const base = baseUrl(place);
  const proxy = wish.mode === 'proxy';
  const six = place.address6 !== null && !proxy;
  const lines = [
    '# Written by Ingot; changes are lost.',
    'port=0',
    `interface=${place.interface}`,
    'except-interface=lo',
    'bind-interfaces',
    'log-facility=-',
    'log-dhcp',
    'no-ping',
    'no-resolv',
    'no-hosts',
    ...(wish.user === null ? [] : [`user=${wish.user}`]),
    `dhcp-leasefile=${wish.leases}`,
    `dhcp-hostsdir=${wish.hosts}`,
    `dhcp-optsdir=${wish.options}`,
    'dhcp-lease-max=20000',
    'enable-tftp',
    `tftp-root=${wish.tftp}`,
    'tftp-no-fail',
    'tftp-max=500',
    'dhcp-match=set:ipxe,175',
    'dhcp-userclass=set:ipxe,iPXE',
    ...CLIENTS.flatMap(([tag, numbers]) =>
      numbers.flatMap((number) => [
        `dhcp-match=set:${tag},option:client-arch,${number}`,
        // In full: a single byte is looked for anywhere in the option, and BIOS is 0.
        `dhcp-match=set:${tag},option6:61,00:${number.toString(16).padStart(2, '0')}`,
      ]),
    ),
    'tag-if=set:http,tag:http64',
    'tag-if=set:http,tag:httparm',
    ...(proxy
      ? [`dhcp-range=${networkOf(place)},proxy`]
      : [
          'dhcp-authoritative',
          `dhcp-range=${wish.range.first},${wish.range.last},${wish.range.netmask},${wish.leaseS}`,
          `dhcp-option=option:router${wish.routers.map((one) => `,${one}`).join('')}`,
          `dhcp-option=option:dns-server${wish.nameservers
            .filter((one) => !one.includes(':'))
            .map((one) => `,${one}`)
            .join('')}`,
          // Without it a loader does not know where TFTP is.
          `dhcp-option=255,${place.address}`,
        ]),
    'dhcp-option-force=tag:http,60,HTTPClient',
    ...(six
      ? [
          'enable-ra',
          `dhcp-range=${wish.range6.first},${wish.range6.last},slaac,${Math.max(place.prefix6, 64)},${wish.leaseS}`,
          `dhcp-option-force=tag:http,option6:16,${HTTP_CLASS6}`,
        ]
      : []),
    ...(wish.discovery || proxy ? commonLoaders(place, base, proxy) : []),
    ...(wish.discovery && six ? commonLoaders6(place) : []),
    // Only a configuration with a service answers PXE clients beside another server (rfc2131.c, enable_pxe). This one is
    // nobody's, so that each gets its loader at once instead of a menu.
    ...(proxy ? ['pxe-service=tag:nobody,x86PC,"none",0'] : []),
    ...(wish.discovery ? [] : ['dhcp-ignore=tag:!known']),
  ];
  return `${lines.join('\n')}\n`;
}

/** Loaders for machines nobody offered anything to; with a foreign DHCP server, for all of them. */
function commonLoaders(place: Place, base: string, proxy: boolean): string[] {
  const only = proxy ? '' : 'tag:!known,';
  return [
    // iPXE takes no offer of a proxy that names no server.
    `dhcp-boot=${only}tag:ipxe,${base}/boot.ipxe,,${place.address}`,
    `dhcp-boot=${only}tag:!ipxe,tag:bios,undionly.kpxe,,${place.address}`,
    `dhcp-boot=${only}tag:!ipxe,tag:efi64,snponly.efi,,${place.address}`,
    `dhcp-boot=${only}tag:!ipxe,tag:http64,${base}/loaders/snponly.efi`,
  ];
}

/** The same for DHCPv6, which has one option for all: a URL. */
function commonLoaders6(place: Place): string[] {
  const base = baseUrl(place, true);
  return [
    `dhcp-option=tag:!known,tag:ipxe,option6:59,${base}/boot.ipxe`,
    `dhcp-option=tag:!known,tag:!ipxe,tag:efi64,option6:59,tftp://[${place.address6}]/snponly.efi`,
    `dhcp-option=tag:!known,tag:!ipxe,tag:http64,option6:59,${base}/loaders/snponly.efi`,
  ];
}

/** Files of one node: what it is known by, and what it is told to load. */
export interface NodeFiles {
  hosts: string;
  options: string;
}

/** How a node's DHCP answers are written: the method it is meant to boot by decides which loader comes first. */
export function nodeFiles(place: Place, offer: Offer, method: BootMethod | null, ip6: boolean): NodeFiles {
  const tag = nodeTag(offer.nodeUuid);
  const { node } = offer.request;
  const hosts = node.macs.map((mac) => `${mac},set:${tag}\n`).join('');
  if (offer.request.payload.kind === 'disk') return { hosts, options: '' };
  const families = ip6 && place.address6 !== null ? [false, true] : [false];
  const lines = families.flatMap((six) => {
    const own = `${baseUrl(place, six)}/b/${offer.nonce}`;
    const name = six ? 'option6:59' : 'option:bootfile-name';
    const tftp = (file: string) => (six ? `tftp://[${place.address6}]/${file}` : file);
    const signed = node.secureBoot || method === 'pxe';
    const bios = method === 'pxe' ? 'lpxelinux.0' : 'undionly.kpxe';
    return [
      `tag:${tag},tag:ipxe,${name},${own}/boot.ipxe`,
      `tag:${tag},tag:!ipxe,tag:bios,${name},${tftp(bios)}`,
      `tag:${tag},tag:!ipxe,tag:efi64,${name},${tftp(signed ? 'shimx64.efi' : 'snponly.efi')}`,
      `tag:${tag},tag:!ipxe,tag:efiarm,${name},${tftp('shimaa64.efi')}`,
      `tag:${tag},tag:!ipxe,tag:http,${name},${own}/boot.efi`,
    ];
  });
  return { hosts, options: lines.map((line) => `${line}\n`).join('') };
}

/** A node nobody offers anything to any more: dnsmasq forgets no line it read, so a newer one must say so. */
export function withdrawnFiles(macs: readonly string[], discovery: boolean): NodeFiles {
  return { hosts: macs.map((mac) => (discovery ? `${mac}\n` : `${mac},ignore\n`)).join(''), options: '' };
}

/** PXELINUX and GRUB look for a file of the machine's own; these are theirs by TFTP. */
export function tftpNames(mac: string): { pxelinux: string } {
  return { pxelinux: `pxelinux.cfg/${pxeMac(mac)}` };
}

export function nodeTag(uuid: string): string {
  return `n${uuid.replaceAll('-', '')}`;
}

function networkOf(place: Place): string {
  const bits = numberOf(place.address) & maskBits(place.prefix);
  return textOf(bits);
}

export function netmaskOf(prefix: number): string {
  return textOf(maskBits(prefix));
}

/** The upper half of the network, without its last address and ours: the range unless another one is set. */
export function defaultRange(place: Place): { first: string; last: string } {
  const network = numberOf(place.address) & maskBits(place.prefix);
  const size = 2 ** (32 - place.prefix);
  const first = (network >>> 0) + Math.floor(size / 2);
  return { first: textOf(first), last: textOf((network >>> 0) + size - 2) };
}

/** The same of IPv6; dnsmasq hands out addresses of networks of 64 bits and smaller ones. */
export function defaultRange6(place: Place): { first: string; last: string } {
  const size = 1n << BigInt(128 - Math.max(place.prefix6, 64));
  const network = ((parseAddress(place.address6 ?? '::')?.value ?? 0n) / size) * size;
  return { first: textOf6(network + size / 2n), last: textOf6(network + size - 2n) };
}

const maskBits = (prefix: number): number => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);
const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
const textOf = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');

const textOf6 = (value: bigint): string =>
  [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((at) => ((value >> (at * 16n)) & 0xffffn).toString(16)).join(':');
