import type { BootSighting } from '#contracts/boot';
import type { Document } from './node.ts';

/** How far a machine came, in the order in which it comes along. */
export const STAGES = [
  'nothing',
  'refused',
  'asked',
  'address',
  'loader',
  'script',
  'kernel',
  'ramdisk',
  'agent',
] as const;
export type Stage = (typeof STAGES)[number];

/** What is known of a node's last boot. */
export interface BootFacts {
  bootInterface: string;
  /** `driver_internal_info.boot_path`. */
  note: Document | null;
  sightings: readonly BootSighting[];
  /** Did the ramdisk's agent call since the boot was offered? */
  agentCalled: boolean;
  /** Is something offered to it at all? null: not known here. */
  macs: readonly string[];
  powerState: string | null;
  /** When its firmware or a loader last refused, for Secure Boot, to start something since then (epoch ms). */
  refusedAt?: number | null;
}

/** The story as it is told. */
export interface BootStory {
  stage: Stage;
  /** One sentence. */
  summary: string;
  /** What to look at, most likely first. */
  check: string[];
}

/** Texts of such refusals, to look for on a console: EDK2's firmware, shim, GRUB, AMI's firmware. */
export const REFUSALS = ['Access Denied', 'Security Violation', 'bad shim signature', 'Invalid signature detected'];
const REFUSAL =
  /failed to (?:load|start) .*(?:Access Denied|Security Violation)|Security Violation|bad shim signature|Invalid signature detected/i;

/** When one of these lines, as found, last told of a refusal; null: none does. */
export function lastRefusal(lines: readonly { at: number; text: string }[]): number | null {
  const times = lines.filter(({ text }) => REFUSAL.test(text)).map(({ at }) => at);
  return times.length === 0 ? null : Math.max(...times);
}

const UNSIGNED = [
  'the console, for what was refused (Access Denied, Security Violation)',
  'who signed it: the certificate must be in the db of the machine’s firmware (Redfish SecureBootDatabases, or its menu), and nothing changed since it was signed',
  'is Secure Boot wanted? node secure boot off',
];

const LOADERS = /^(TFTP \S+ sent|GET (boot\.efi|grubx64\.efi|grubaa64\.efi|snponly\.efi|shimx64\.efi)$)/;

/** How far the machine came. */
export function stageOf(facts: BootFacts): Stage {
  const seen = (test: (one: BootSighting) => boolean) => facts.sightings.some(test);
  if (facts.agentCalled) return 'agent';
  if (seen((one) => one.what === 'GET initrd' || /^GET boot\.iso$/.test(one.what))) return 'ramdisk';
  if (seen((one) => /^GET (kernel|initrd|boot\.iso)/.test(one.what))) return 'kernel';
  if (seen((one) => /^GET (boot\.ipxe|grub\.cfg)/.test(one.what))) return 'script';
  if (seen((one) => LOADERS.test(one.what))) return 'loader';
  if (seen((one) => /^DHCP(ACK|REPLY)/.test(one.what))) return 'address';
  if (seen((one) => /ignored/.test(one.what))) return 'refused';
  return seen((one) => one.method === 'dhcp') ? 'asked' : 'nothing';
}

/** The way the node was told to boot by last, whether that is over or not; null: none that is known. */
export function wayOf(note: Document | null): string | null {
  const way = note?.['method'] ?? note?.['booted'];
  return typeof way === 'string' ? way : null;
}

/** Tells it. Pure. */
export function bootStory(facts: BootFacts): BootStory {
  const stage = stageOf(facts);
  const method = wayOf(facts.note);
  const by = method === null ? '' : ` by ${method}`;
  // One whose ramdisk came up may be off since then for good reasons.
  const isOff = facts.powerState === 'power off' && stage !== 'agent';
  const off = isOff ? ['the machine is off: was it switched on after the boot was offered?'] : [];
  const [summary, check] = told(stage, by, method, facts);
  if (facts.refusedAt == null) return { stage, summary, check: [...off, ...check] };
  const when = new Date(facts.refusedAt).toISOString();
  const refused = `${stage === 'agent' ? 'After that, at' : 'At'} ${when}, its firmware or boot loader refused to start something, for Secure Boot.`;
  return { stage, summary: `${summary} ${refused}`, check: [...off, ...UNSIGNED, ...check] };
}

const NO_PORTS = 'the node has no ports: its ramdisk is given no address by DHCP. Inspect it, or make them';

function told(stage: Stage, by: string, method: string | null, facts: BootFacts): [string, string[]] {
  const macs = facts.macs.length === 0 ? 'none' : facts.macs.join(', ');
  switch (stage) {
    case 'agent':
      return [`The ramdisk came up${by} and its agent called.`, []];
    case 'ramdisk':
      return [
        `The machine fetched all of the ramdisk${by}, and its agent has not called.`,
        [
          'the console: the ramdisk says there what it waits for',
          'can machines reach the address ramdisks call (api.ramdisk_listen, api.ramdisk_url)?',
          'is there a driver for its network card? Firmware that is not free needs ingot ramdisk build --package',
          'has it the memory? The ramdisk needs 1 GiB',
        ],
      ];
    case 'kernel':
      return [
        `The machine began to fetch kernel, initrd or medium${by}, and stopped.`,
        [
          'the link between machine and boot host: loss, MTU, a firewall that ends long connections',
          'the console, for the loader’s message',
        ],
      ];
    case 'script':
      return [
        `The loader read its script${by}, and fetched nothing it names.`,
        ['the console: a kernel that Secure Boot refuses is said there', 'boot.http_port: GRUB knows only port 80'],
      ];
    case 'loader':
      return [
        `The machine loaded a boot loader${by}, which asked for nothing more.`,
        [
          'Secure Boot: iPXE is not signed (the console says Access Denied)',
          'the loader’s own DHCP: does the switch port forward at once (spanning tree, LACP fallback)?',
        ],
      ];
    case 'address':
      return [
        `The machine has an address by DHCP, and loaded nothing${by}.`,
        [
          'its boot order: the address may be that of an installed system',
          'its firmware’s boot mode (BIOS or UEFI) and the node’s boot_mode capability: they must agree',
          'another DHCP server on the network that answers faster',
        ],
      ];
    case 'refused':
      return [
        'The machine asked for an address and was ignored: nothing was offered to it at that time.',
        [
          `the MACs of the node's ports (${macs}): is the one that asked among them?`,
          'was the boot withdrawn, or did it end (boot.offer_minutes)?',
        ],
      ];
    case 'asked':
      return [
        'The machine asked for an address, and did not take the one it was offered.',
        ['another DHCP server on the network', 'the way back: VLAN of the switch port, DHCP snooping'],
      ];
    case 'nothing':
      return [
        `Nothing was heard of the machine${by}.`,
        method === 'virtual-media'
          ? [
              ...(facts.macs.length > 0 ? [] : [NO_PORTS]),
              'can the BMC reach boot.media_listen? It fetches the medium',
              'the BMC’s licence: some sell virtual media',
              'the boot order, on the console',
            ]
          : [
              `the MACs of the node's ports (${macs}), and pxe_enabled of the one it boots from`,
              'the switch port: is it in the provisioning network?',
              'network boot in the firmware’s settings, in the mode the machine boots in',
              'the boot device the BMC was told, on the console',
            ],
      ];
  }
}
