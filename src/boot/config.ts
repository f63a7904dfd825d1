import type { BootMethod } from '#contracts/boot';

/** What the boot room is told. */
export interface BootConfig {
  /** The interface on the provisioning network; null: nothing is served. */
  interface: string | null;
  /** Port of HTTP on it. */
  httpPort: number;
  /** Another address and port where BMCs fetch virtual media, and the URL they know it by. */
  media: { listen: { host: string; port: number } | null; url: string | null };
  dhcp: 'on' | 'proxy' | 'off';
  /** `first-last`; null: the upper half of the interface's network. */
  range: string | null;
  /** Prefix or `first-last` of IPv6; null: the interface's own prefix by router advertisement only. */
  range6: string | null;
  leaseS: number;
  routers: readonly string[];
  nameservers: readonly string[];
  /** Unknown machines boot the ramdisk to be discovered. */
  discovery: boolean;
  methods: readonly BootMethod[];
  ramdiskDir: string;
  /** Which of the ramdisks there; `current`. */
  ramdiskName: string;
  /** Kernel parameters of every ramdisk. */
  kernelParameters: readonly string[];
  /** Milliseconds a boot is offered. */
  offerMs: number;
  /** Folders whose files may be named as kernel, initrd or ISO. */
  fileFolders: readonly string[];
  /** Own files: DHCP leases and per-node files, TFTP, boot media. */
  dataDir: string;
  callbackUrl: string;
}
