/** What a driver does otherwise for some makes. Only what cannot be seen on the BMC itself. */
export interface QuirkFlags {
  /** BootSourceOverrideEnabled goes along with every boot change, changed or not. */
  alwaysSendEnabled?: boolean;
  /** Mode, enabled and target go together. */
  fullBootRequest?: boolean;
  /** Virtual media boot under this name. */
  mediaTarget?: 'Cd' | 'UsbCd';
  /** InsertMedia is given the image and nothing else. */
  insertImageOnly?: boolean;
  /** Image URLs may have no query and end in .iso. */
  plainMediaUrl?: boolean;
  /** Boot is written on the system's Settings resource. */
  bootOnSettings?: boolean;
  /** Boot mode and Secure Boot become jobs that a reset carries out. */
  changesByJob?: boolean;
  /** A boot override counts only so long after it was accepted. Milliseconds. */
  bootJobMs?: number;
  /** Virtual media boot by the maker's own attributes only. */
  mediaBootByAttributes?: boolean;
  /** A boot override beside a new UEFI boot entry stops the firmware at a question. */
  firmwareOrderOnly?: boolean;
  /** Virtual media are shown to the host only once the maker's own attribute says so. */
  mediaAttachByAttributes?: boolean;
}

/** A make's difference, whom it concerns, and where it was reported. */
export interface Quirk {
  id: string;
  /** Regular expressions, without regard to case. */
  manufacturer: string;
  model?: string;
  /** Versions of the BMC's firmware, by their numbers: from (with it), below (without it). */
  firmware?: { from?: string; below?: string };
  flags: QuirkFlags;
  source: string;
}

/** What is known of a machine, to find its quirks by. */
export interface Make {
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
}

/** The table. Later rows win over earlier ones. */
export const QUIRKS: readonly Quirk[] = [
  {
    id: 'supermicro-boot-enabled',
    manufacturer: 'supermicro',
    flags: { alwaysSendEnabled: true },
    source: 'openstack/ironic release note supermicro-redfish-override-enabled',
  },
  {
    id: 'supermicro-boot-mode',
    manufacturer: 'supermicro',
    flags: { fullBootRequest: true },
    source: 'openstack/ironic release notes sync-boot-mode-after, restrict-sync-mode; DMTF/Redfishtool#106',
  },
  {
    id: 'supermicro-usb-cd',
    manufacturer: 'supermicro',
    flags: { mediaTarget: 'UsbCd' },
    source: 'openstack/sushy release notes change-bootdev-smc, supermicro-vmedia-dev-workaround',
  },
  {
    id: 'supermicro-arm-cd',
    manufacturer: 'supermicro',
    model: '^ARS-111GL-NHR',
    flags: { mediaTarget: 'Cd' },
    source: 'openstack/sushy release note supermicro-vmedia-dev-workaround',
  },
  {
    id: 'supermicro-insert',
    manufacturer: 'supermicro',
    flags: { insertImageOnly: true },
    source: 'openstack/sushy release note fix-insert-media-payload; stmcginnis/gofish c4c5d36',
  },
  {
    id: 'supermicro-x12-media-url',
    manufacturer: 'supermicro',
    model: '(X12|^SYS-\\d\\d0)',
    flags: { plainMediaUrl: true },
    source: 'openstack/ironic release note remove-filename-param',
  },
  {
    id: 'ami-boot-request',
    manufacturer: '(american megatrends|\\bami\\b|asrock ?rack)',
    flags: { fullBootRequest: true },
    source: 'openstack/ironic VENDORS_REQUIRING_FULL_BOOT_REQUEST',
  },
  {
    id: 'lenovo-firmware-order',
    manufacturer: 'lenovo',
    flags: { firmwareOrderOnly: true },
    source: 'openstack/ironic release note limit-boot-to-disk-calls-lenovo',
  },
  {
    id: 'dell-jobs',
    manufacturer: '^dell',
    flags: { changesByJob: true },
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py',
  },
  {
    id: 'dell-boot-job',
    manufacturer: '^dell',
    firmware: { from: '3' },
    flags: { bootJobMs: 2_500 },
    source: 'openstack/ironic release note drac-fix-power-on-reboot-race',
  },
  {
    id: 'dell-media-boot',
    manufacturer: '^dell',
    firmware: { from: '3', below: '6' },
    flags: { mediaBootByAttributes: true },
    source: 'openstack/ironic release note fix-redfish-vm-boot-idrac',
  },
  {
    id: 'dell-media-attach',
    manufacturer: '^dell',
    firmware: { from: '4', below: '5' },
    flags: { mediaAttachByAttributes: true },
    source: 'openshift/openshift-docs#32022',
  },
  {
    id: 'dell-idrac10-boot',
    manufacturer: '^dell',
    // versions start again at 1 with iDRAC 10, so the model tells the generation
    model: '\\b[RTCMX]\\d7\\d',
    firmware: { below: '3' },
    flags: { bootOnSettings: true },
    source: 'openstack/sushy release note idrac10-settings-resource; stmcginnis/gofish 32021c5',
  },
];

/** The rows that hold for a machine. */
export function quirksFor(make: Make): Quirk[] {
  return QUIRKS.filter((quirk) => {
    if (!fits(quirk.manufacturer, make.manufacturer)) return false;
    if (quirk.model !== undefined && !fits(quirk.model, make.model)) return false;
    const { from, below } = quirk.firmware ?? {};
    if (from === undefined && below === undefined) return true;
    if (make.firmware === null) return false;
    if (from !== undefined && compareVersions(make.firmware, from) < 0) return false;
    return below === undefined || compareVersions(make.firmware, below) < 0;
  });
}

export function flagsOf(quirks: readonly Quirk[]): QuirkFlags {
  return Object.assign({}, ...quirks.map((quirk) => quirk.flags)) as QuirkFlags;
}

const fits = (pattern: string, text: string | null) => text !== null && new RegExp(pattern, 'i').test(text);

/** Compares the numbers of versions; what is missing counts as 0. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
