import type { BootMethod } from '#contracts/boot';

/** Finds the file of a URL on this host. Throws BootFile. */
export type RemoteFile = (url: string, what: string) => Promise<{ path: string; size: number }>;

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
  /** The same of IPv6, where the interface has such an address. */
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
  /** Milliseconds a machine may take to come up by one way, where there is another. */
  attemptMs: number;
  /** Folders whose files may be named as kernel, initrd or ISO. */
  fileFolders: readonly string[];
  /** Networks that files to boot may be fetched from although they are this host's own or link-local. */
  allowedNetworks: readonly string[];
  /** Bytes of the largest file fetched from a URL. */
  maxFileBytes: number;
  /** Own files: DHCP leases and per-node files, TFTP, boot media. */
  dataDir: string;
  callbackUrl: string;
}
