/**
 * How one make of BMC behaves where makes differ and a rule on single requests cannot say it, because it needs
 * memory. Quirks are overlays of this. The defaults are a BMC that does everything as the standard says.
 */
export interface Traits {
  manufacturer: string | null;
  model: string | null;
  bmcModel: string;
  bmcVersion: string;
  biosVersion: string;
  systemId: string;
  managerId: string;
  chassisId: string;
  /** Decoy systems listed before the real one. */
  extraSystems: number;

  /** Times: a power change shows as PoweringOn or PoweringOff for so long before it is done. */
  powerOnMs: number;
  powerOffMs: number;
  /** Between off and on of a power cycle. */
  cycleGapMs: number;
  /** Refuses to go where it already is (409 over Redfish, D5h over IPMI). */
  refusesSamePower: boolean;
  /** After the guest switched itself off or reset itself the board hangs until it is forced off. */
  hangsAfterGuestPowerOff: boolean;
  hangsAfterGuestReset: boolean;
  /** Null: lists no AllowableValues (and, with `resetWithoutType`, takes no ResetType). */
  resetTypes: readonly string[] | null;
  resetWithoutType: boolean;

  bootTargets: readonly string[];
  bootEnabledValues: readonly string[];
  /** A PATCH of the target without Enabled means Once. */
  enabledFallsBackToOnce: boolean;
  refusesUnchangedEnabled: boolean;
  needsFullBootRequest: boolean;
  refusesEnabledWithTargetNone: boolean;
  /** Setting a boot device sets the mode back to this unless the request names a mode. */
  modeResetsTo: 'Legacy' | null;
  /** `none`: the property is absent and refused. `hidden`: absent, but a write is accepted and ignored. */
  bootMode: 'normal' | 'none';
  /** Boot mode and Secure Boot become jobs that need a reset to take effect. */
  bootModeByJob: boolean;
  /** A boot override counts only so long after it was written. */
  bootJobDelayMs: number;
  /** Boot is read-only on the System and writable on its Settings resource. `decoy`: a Settings resource without Boot. */
  bootSettingsResource: 'none' | 'writable' | 'decoy';
  /** That many one-time boots are ignored, the disk is booted instead. */
  ignoresOnceBoots: number;
  forgetsBootDeviceAtPowerCycle: boolean;
  /** A boot override from the BMC and changed UEFI variables together: firmware stops at a question. */
  restorationScreen: boolean;
  /** The standard override does not boot virtual media, only the OEM attribute does. */
  mediaBootByOemOnly: boolean;

  biosSettingsPath: string;
  biosAttributesEmptyUntilReset: boolean;
  /** One configuration job at a time; a second write is refused until the queue is cleared. */
  oneConfigJob: boolean;

  /** The slots of virtual media, in order. */
  mediaSlots: readonly MediaSlotTrait[];
  mediaUnderSystem: boolean;
  /** No actions, only PATCH of the resource. */
  mediaByPatch: boolean;
  /** An eject takes so long; until then the old image is shown and inserts fail. */
  ejectMs: number;
  /** Inserted images are accepted but not seen by the host until the attach attribute is set. */
  mediaDetached: boolean;

  taskMs: number;
  /** What a new task says before it runs. */
  taskFirstState: 'New' | 'Starting' | 'Running';
  taskVisibleAfterMs: number;
  taskForgottenAfterMs: number;
  taskMonitorUseless: boolean;
  /** Says Completed while a message says that it is still at work. */
  taskLiesCompleted: boolean;
  /** A BIOS update is done only after the machine was reset. */
  biosUpdateNeedsReset: boolean;
  /** After an update the BMC is gone for so long. */
  updateRebootMs: number;
  stuckInFlashModeAfterFailure: boolean;
  oneRaidTask: boolean;
  drivesNeedRaidMode: boolean;

  etags: 'strong' | 'weak' | 'weak-refused' | 'empty' | 'never-match' | 'none';
  /** A PATCH without If-Match is refused; `star`: only `*` is taken. */
  ifMatch: 'optional' | 'required' | 'star';
  /** Compresses when asked, and then spoils the ETag. */
  gzip: 'none' | 'clean' | 'spoils-etag';
  maxSessions: number;
  sessionSeconds: number;
  sessionLocation: 'relative' | 'absolute' | 'body-only';
  sessionService: 'normal' | 'needs-login' | 'none';
  basicAuth: boolean;
  /** Closes kept-alive connections after so many answers, without saying so. */
  closesAfter: number;
  trailingSlash: 'both' | 'needed-on-members';
  adapterIdsChange: boolean;
  accountIds: readonly string[];
  maxSubscriptions: number;
  eventsNeedContext: boolean;

  ipmiEnabled: boolean;
  /** Cipher suites offered and taken. */
  ipmiCiphers: readonly (3 | 17)[];
  ipmiKg: string;
  /** A session whose first command comes so soon after another's last is refused with C0h. Milliseconds. */
  ipmiMinIntervalMs: number;
  ipmiUefiDiskSelector: number;
  ipmiDropsUefiFlag: boolean;
  ipmiBootFlagsExpire: boolean;
  ipmiBootTimeoutParameter: boolean;
  /** Keys are hashed with the privilege of Open Session instead of RAKP 1's. */
  ipmiHashesOpenPrivilege: boolean;
  /** That many sessions are refused for want of resources. */
  ipmiRefusesOpens: number;
  /** The first answer in a session opened right after another carries a stale sequence number. */
  ipmiStaleSequence: boolean;
  ipmiMaxSessions: number;
  solTakenByOthers: boolean;
  solClosesAtPowerChange: boolean;
  solIdleMs: number;
}

export interface MediaSlotTrait {
  id: string;
  slot: 'cd' | 'usb' | 'none';
  mediaTypes: readonly string[];
  /** `no-action`: InsertMedia is missing and answers 405. `broken`: every insert fails with 400. */
  insert: 'normal' | 'no-action' | 'broken';
}

const RESET_TYPES = [
  'On',
  'ForceOn',
  'ForceOff',
  'GracefulShutdown',
  'GracefulRestart',
  'ForceRestart',
  'PowerCycle',
  'PushPowerButton',
  'Nmi',
  'Pause',
  'Resume',
] as const;

export const DEFAULT_TRAITS: Traits = {
  manufacturer: null,
  model: null,
  bmcModel: 'Ingot Lab BMC',
  bmcVersion: '1.0.0',
  biosVersion: '1.0.0',
  systemId: '1',
  managerId: 'BMC',
  chassisId: '1',
  extraSystems: 0,
  powerOnMs: 0,
  powerOffMs: 0,
  cycleGapMs: 200,
  refusesSamePower: false,
  hangsAfterGuestPowerOff: false,
  hangsAfterGuestReset: false,
  resetTypes: RESET_TYPES,
  resetWithoutType: false,
  bootTargets: ['None', 'Pxe', 'Hdd', 'Cd', 'Usb', 'BiosSetup', 'UefiTarget', 'UefiHttp'],
  bootEnabledValues: ['Disabled', 'Once', 'Continuous'],
  enabledFallsBackToOnce: false,
  refusesUnchangedEnabled: false,
  needsFullBootRequest: false,
  refusesEnabledWithTargetNone: false,
  modeResetsTo: null,
  bootMode: 'normal',
  bootModeByJob: false,
  bootJobDelayMs: 0,
  bootSettingsResource: 'none',
  ignoresOnceBoots: 0,
  forgetsBootDeviceAtPowerCycle: false,
  restorationScreen: false,
  mediaBootByOemOnly: false,
  biosSettingsPath: 'Settings',
  biosAttributesEmptyUntilReset: false,
  oneConfigJob: false,
  mediaSlots: [
    { id: 'Cd', slot: 'cd', mediaTypes: ['CD', 'DVD'], insert: 'normal' },
    { id: 'UsbStick', slot: 'usb', mediaTypes: ['USBStick'], insert: 'normal' },
  ],
  mediaUnderSystem: false,
  mediaByPatch: false,
  ejectMs: 0,
  mediaDetached: false,
  taskMs: 300,
  taskFirstState: 'Running',
  taskVisibleAfterMs: 0,
  taskForgottenAfterMs: Number.POSITIVE_INFINITY,
  taskMonitorUseless: false,
  taskLiesCompleted: false,
  biosUpdateNeedsReset: false,
  updateRebootMs: 0,
  stuckInFlashModeAfterFailure: false,
  oneRaidTask: false,
  drivesNeedRaidMode: false,
  etags: 'strong',
  ifMatch: 'optional',
  gzip: 'clean',
  maxSessions: 16,
  sessionSeconds: 1800,
  sessionLocation: 'relative',
  sessionService: 'normal',
  basicAuth: true,
  closesAfter: Number.POSITIVE_INFINITY,
  trailingSlash: 'both',
  adapterIdsChange: false,
  accountIds: [],
  maxSubscriptions: 8,
  eventsNeedContext: false,
  ipmiEnabled: true,
  ipmiCiphers: [3, 17],
  ipmiKg: '',
  ipmiMinIntervalMs: 0,
  ipmiUefiDiskSelector: 0x08,
  ipmiDropsUefiFlag: false,
  ipmiBootFlagsExpire: false,
  ipmiBootTimeoutParameter: true,
  ipmiHashesOpenPrivilege: false,
  ipmiRefusesOpens: 0,
  ipmiStaleSequence: false,
  ipmiMaxSessions: 16,
  solTakenByOthers: false,
  solClosesAtPowerChange: false,
  solIdleMs: Number.POSITIVE_INFINITY,
};
