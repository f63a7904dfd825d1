/** How a machine can be brought to boot something, best first; see the design's order. */
export type BootMethod = 'virtual-media' | 'uefi-http' | 'ipxe' | 'pxe';

/** What a machine boots. URLs are of files a conductor may read; none of them comes from a tenant unchecked. */
export type BootPayload =
  /** Ingot's deploy ramdisk (or the operator's own, when kernel and initrd are named) with its agent. */
  | {
      kind: 'ramdisk';
      purpose: 'deploy' | 'clean' | 'inspect' | 'rescue' | 'service';
      kernel?: string;
      initrd?: string;
      /** Kernel parameters, name → value; a value of '' is a bare word. */
      parameters: Readonly<Record<string, string>>;
    }
  /** Another Linux kernel: the `ramdisk` and `anaconda` deploy interfaces, and partition images. */
  | {
      kind: 'linux';
      kernel: string;
      initrd: string;
      parameters: readonly string[];
      /** The answers of an installer, served under the boot's own URL, which the kernel is told as `inst.ks`. */
      kickstart?: string;
    }
  /** An ISO as it is: virtual media, or iPXE's sanboot. */
  | { kind: 'iso'; url: string }
  /** The machine's own disk. */
  | { kind: 'disk' };

/** Whom and what for. */
export interface BootRequest {
  node: {
    uuid: string;
    /** MACs it may boot from, lower case with colons. */
    macs: readonly string[];
    bootMode: 'uefi' | 'bios';
    secureBoot: boolean;
    /** `x86_64` or `aarch64`. */
    cpuArch: string;
  };
  payload: BootPayload;
  /** What it will boot by, where that is known: DHCP answers and loaders are chosen for it. */
  method?: BootMethod;
  /** With HTTP boot: which loader the firmware fetches. Default: iPXE, or with Secure Boot shim and GRUB. */
  loader?: 'ipxe' | 'grub';
  /** OpenStack network_data.json for a machine that boots without DHCP; goes into the virtual media. */
  networkData?: Readonly<Record<string, unknown>>;
}

/** Where firmware finds it. Every URL carries a nonce that is good for this node and this boot only. */
export interface BootTicket {
  nonce: string;
  expiresAt: number;
  /** An ISO with kernel, initrd and parameters, for virtual media; absent where it could not be made, with why. */
  isoUrl?: string;
  /** What UEFI HTTP boot fetches first. */
  httpBootUrl?: string;
  /** The iPXE script of this boot. */
  ipxeUrl?: string;
  /** Methods that cannot be offered for this request, with the reason in words. */
  unavailable: Partial<Record<BootMethod, string>>;
}

/** One thing firmware, boot loader or ramdisk asked for, as `ingot node explain` tells it. */
export interface BootSighting {
  at: string;
  method: BootMethod | 'dhcp' | 'agent';
  /** `DHCPDISCOVER`, `GET boot.ipxe`, `GET initrd`… */
  what: string;
  mac?: string;
  address?: string;
  bytes?: number;
}

/** What bare metal asks of the boot service. A request stands in the database, so any boot host can serve it. */
export interface BootService {
  /** Offers a boot to a node in place of what was offered before. Idempotent for the same request. */
  publish(request: BootRequest, signal: AbortSignal): Promise<BootTicket>;
  /** Nothing is offered to the node any more; its URLs are gone. Idempotent. */
  withdraw(nodeUuid: string): Promise<void>;
  /** What was asked for by the node since `since` (epoch ms), oldest first, at most 1000. */
  sightings(nodeUuid: string, since?: number): Promise<readonly BootSighting[]>;
  /** Methods this deployment can serve at all, with the reason for those it cannot. */
  methods(): Promise<{ available: readonly BootMethod[]; unavailable: Partial<Record<BootMethod, string>> }>;
  /** How long a machine may take to come up by one way, where there is another. */
  readonly attemptMs: number;
  /** The URL ramdisks call back to (`ipa-api-url`). */
  readonly callbackUrl: string;
}
