import { edits, IDENTITY, PATHS, type Quirk, refusal, remove, set } from './quirk.ts';

const DELL_IDS = {
  systemId: 'System.Embedded.1',
  managerId: 'iDRAC.Embedded.1',
  chassisId: 'System.Embedded.1',
} as const;
const idrac9 = { ...IDENTITY.dell9, ...DELL_IDS };
const idrac10 = { ...IDENTITY.dell10, ...DELL_IDS };

export const dellQuirks: readonly Quirk[] = [
  {
    id: 'dell-mode-by-job',
    vendor: 'Dell',
    changes: 'Boot mode and Secure Boot change by a job that needs a reset.',
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py',
    effects: { traits: { ...idrac9, bootModeByJob: true } },
  },
  {
    id: 'dell-job-queue',
    vendor: 'Dell',
    changes: 'A second configuration job is refused until the first ran or the queue was cleared.',
    source: 'openstack/ironic release note fix-idrac-wsman-deploy-with-existing',
    effects: { traits: { ...idrac9, oneConfigJob: true } },
  },
  {
    id: 'dell-boot-job-late',
    vendor: 'Dell',
    changes: 'A boot override counts only two seconds after it was accepted; an earlier start boots as before.',
    source: 'openstack/ironic release note drac-fix-power-on-reboot-race',
    effects: { traits: { ...idrac9, bootJobDelayMs: 2_000 } },
  },
  {
    id: 'dell-task-appears-late',
    vendor: 'Dell',
    changes: 'A new task answers 404 for a while.',
    source: 'openstack/sushy release note fix-dell-bmc-404',
    effects: { traits: { ...idrac9, taskVisibleAfterMs: 1_500 } },
  },
  {
    id: 'dell-data-sources-unavailable',
    vendor: 'Dell',
    changes: 'Now and then any request fails with SYS518.',
    source: 'openstack/sushy release note fix-retry_volume_operation',
    effects: {
      traits: idrac9,
      http: [
        {
          path: '/redfish/v1/(Systems|Chassis|Managers)',
          chance: 0.3,
          effect: refusal(503, 'IDRAC.2.7.SYS518', 'Data sources are not available at present.'),
        },
      ],
    },
  },
  {
    id: 'dell-tasks-forgotten',
    vendor: 'Dell',
    changes: 'Finished tasks are gone after a while (a minute on firmware before 5.00; two seconds here).',
    source: 'openstack/ironic release note idrac-import-configuration-task-deleted',
    effects: { traits: { ...idrac9, bmcVersion: '4.40.00.00', taskForgottenAfterMs: 2_000 } },
  },
  {
    id: 'dell-task-states',
    vendor: 'Dell',
    changes: 'Tasks begin as New, and say Completed while a message says that they are at work.',
    source: 'openstack/ironic release notes fix-firmware-update-new-task-state, fix-idrac-tasks-fwupd',
    effects: { traits: { ...idrac9, taskFirstState: 'New', taskLiesCompleted: true, taskMs: 2_000 } },
  },
  {
    id: 'dell-completed-with-errors',
    vendor: 'Dell',
    changes: 'A failed task says Completed, with the failure only in its messages.',
    source: 'openstack/ironic release notes idrac-wsman-completed-with-errors, idrac-import-conf-partial',
    effects: {
      traits: idrac9,
      http: [
        edits(
          '/TaskService/Tasks/[^/]+$',
          set('/Messages', [
            {
              MessageId: 'IDRAC.2.7.SYS055',
              Message: 'Job completed with errors.',
              MessageArgs: [],
              Severity: 'Warning',
            },
          ]),
        ),
      ],
    },
  },
  {
    id: 'dell-slow-eject',
    vendor: 'Dell',
    changes: 'After an eject the media still show as inserted, and inserting fails with 503 for a while.',
    source: 'openstack/ironic release notes fix-redfish-vmedia-insert-retry, stale-insert-skip',
    effects: { traits: { ...idrac9, ejectMs: 2_000 } },
  },
  {
    id: 'dell-oem-media-boot',
    vendor: 'Dell',
    changes: 'The standard override does not boot virtual media; the OEM attribute does (before 6.00.00.00).',
    source: 'openstack/ironic release note fix-redfish-vm-boot-idrac',
    effects: { traits: { ...idrac9, mediaBootByOemOnly: true } },
  },
  {
    id: 'dell-idrac10-versions',
    vendor: 'Dell',
    changes: 'iDRAC 10 counts versions from 1 again, and only its first media slot works.',
    source: 'openstack/ironic release notes fix-redfish-idrac-vmedia-version, idrac10-vmedia-slot1',
    effects: {
      traits: {
        ...idrac10,
        mediaUnderSystem: true,
        mediaSlots: [
          { id: '1', slot: 'cd', mediaTypes: ['CD', 'DVD', 'USBStick'], insert: 'normal' },
          { id: '2', slot: 'usb', mediaTypes: ['CD', 'DVD', 'USBStick'], insert: 'broken' },
        ],
      },
    },
  },
  {
    id: 'dell-boot-on-settings',
    vendor: 'Dell',
    changes:
      'Boot is read-only on the system and writable on its Settings resource, which has an ETag of its own (iDRAC 10).',
    source: 'stmcginnis/gofish 32021c5; openstack/sushy release note idrac10-settings-resource',
    effects: { traits: { ...idrac10, bootSettingsResource: 'writable' } },
  },
  {
    id: 'dell-power-on-conflict',
    vendor: 'Dell',
    changes: 'For a while after power off (60 s; three seconds here) power on answers 409 (iDRAC 10, 17G).',
    source: 'openstack/ironic release note redfish-power-on-conflict',
    effects: {
      traits: idrac10,
      http: [
        {
          method: ['POST'],
          path: PATHS.reset,
          bodyMatches: { '/ResetType': '^On$' },
          when: { power: 'off', poweredOffWithinMs: 3_000 },
          effect: refusal(409, 'IDRAC.2.8.ActionParameterValueConflict', 'ResetType cannot be On at present.'),
        },
      ],
    },
  },
  {
    id: 'dell-gzip-etag',
    vendor: 'Dell',
    changes: 'Compressed answers carry an ETag ending in -gzip that no If-Match matches.',
    source: 'stmcginnis/gofish 32021c5; openstack/sushy release note do-not-offer-compression',
    effects: { traits: { ...idrac9, gzip: 'spoils-etag' } },
  },
  {
    id: 'dell-no-if-match-on-update',
    vendor: 'Dell',
    changes: 'SimpleUpdate with If-Match answers 412 (update service 1.15).',
    source: 'ironcore-dev/metal-operator 7bc956a5',
    effects: {
      traits: idrac9,
      http: [
        {
          method: ['POST'],
          path: 'UpdateService\\.SimpleUpdate$',
          headerMatches: { 'if-match': '.' },
          effect: refusal(412, 'Base.1.12.PreconditionFailed', 'The ETag does not match.'),
        },
      ],
    },
  },
  {
    id: 'dell-loose-shapes',
    vendor: 'Dell',
    changes: 'Systems has no count, @Redfish.Settings is null, and Messages come as one object.',
    source:
      'stmcginnis/gofish ed6dc5f; openstack/sushy release note fix-extended-info; ironcore-dev/metal-operator 35a86bac',
    effects: {
      traits: idrac9,
      http: [
        edits('^/redfish/v1/Systems/?$', remove('/Members@odata.count')),
        edits(PATHS.bios, set('/@Redfish.Settings', null)),
        edits(
          '/TaskService/Tasks/[^/]+$',
          set('/Messages', { MessageId: 'IDRAC.2.7.SYS053', Message: 'Job in progress.' }),
        ),
        {
          method: ['PATCH'],
          path: PATHS.system,
          bodyLacks: ['/Boot'],
          effect: {
            kind: 'answer',
            answer: {
              status: 400,
              body: {
                error: {
                  code: 'Base.1.12.GeneralError',
                  message: 'See the extended information.',
                  '@Message.ExtendedInfo': { MessageId: 'IDRAC.2.7.SYS403', Message: 'Nothing to change.' },
                },
              },
            },
          },
        },
      ],
    },
  },
  {
    id: 'dell-reset-bios-needs-body',
    vendor: 'Dell',
    changes: 'ResetBios without a body is refused (R630).',
    source: 'openstack/sushy release note fix-2008198',
    effects: {
      traits: { ...idrac9, model: 'PowerEdge R630' },
      http: [
        {
          method: ['POST'],
          path: 'Bios\\.ResetBios$',
          noBody: true,
          effect: refusal(400, 'Base.1.4.MalformedJSON', 'The body is not JSON.'),
        },
      ],
    },
  },
  {
    id: 'dell-role-needs-password',
    vendor: 'Dell',
    changes: "A change of an account's role without its password is refused.",
    source: 'ironcore-dev/metal-operator ebebc1de',
    effects: {
      traits: idrac9,
      http: [
        {
          method: ['PATCH'],
          path: '/Accounts/',
          bodyHas: ['/RoleId'],
          bodyLacks: ['/Password'],
          effect: refusal(400, 'IDRAC.2.7.SYS428', 'The password must be given as well.'),
        },
      ],
    },
  },
  {
    id: 'dell-drives-need-raid-mode',
    vendor: 'Dell',
    changes: 'Drives must be converted to RAID mode before they can be part of a volume.',
    source: 'openstack/ironic release notes idrac-drives-conversion; Dell DellRaidService.v1_5_1 (ConvertToRAID)',
    effects: { traits: { ...idrac9, drivesNeedRaidMode: true } },
  },
  {
    id: 'dell-media-detached',
    vendor: 'Dell',
    changes: 'Inserted media are not seen by the host until VirtualMedia.1.Attached is set (iDRAC 9 4.40).',
    source: 'openshift/openshift-docs#32022',
    effects: { traits: { ...idrac9, bmcVersion: '4.40.10.00', mediaDetached: true } },
  },
  {
    id: 'dell-ignores-one-time-boot',
    vendor: 'Dell',
    changes: 'Two one-time boots are ignored and the disk is booted.',
    source: 'ironcore-dev/metal-operator#80',
    effects: { traits: { ...idrac9, ignoresOnceBoots: 2 } },
  },
];
