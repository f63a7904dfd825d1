import { edits, IDENTITY, PATHS, type Quirk, refusal, remove } from './quirk.ts';

export const hpeQuirks: readonly Quirk[] = [
  {
    id: 'hpe-bios-lower-case',
    vendor: 'HPE',
    changes: 'BIOS settings live at /Bios/settings, in lower case.',
    source: 'NVIDIA/bare-metal-manager-core endpoints_reference',
    effects: { traits: { ...IDENTITY.hpe, biosSettingsPath: 'settings' } },
  },
  {
    id: 'hpe-no-boot-change-in-post',
    vendor: 'HPE',
    changes: 'A boot change during POST is refused with UnableToModifyDuringSystemPOST.',
    source: 'openstack/ironic release note redfish-post-boot-retry',
    effects: {
      traits: IDENTITY.hpe,
      http: [
        {
          method: ['PATCH'],
          path: PATHS.system,
          bodyHas: ['/Boot'],
          when: { post: true },
          effect: refusal(
            400,
            'iLO.2.14.UnableToModifyDuringSystemPOST',
            'The value cannot be changed while the system is in POST.',
          ),
        },
      ],
    },
  },
  {
    id: 'hpe-busy-after-power-change',
    vendor: 'HPE',
    changes: 'For two seconds after a power change writes fail with InvalidOperationForSystemState.',
    source: 'openstack/sushy release note retry-ilo-not-ready',
    effects: {
      traits: IDENTITY.hpe,
      http: [
        {
          method: ['POST', 'PATCH'],
          path: '/Systems/',
          when: { powerChangedWithinMs: 2_000 },
          effect: refusal(
            400,
            'iLO.2.14.InvalidOperationForSystemState',
            'The operation does not fit the state of the system.',
          ),
        },
      ],
    },
  },
  {
    id: 'hpe-eject-needs-body',
    vendor: 'HPE',
    changes: 'EjectMedia without a body is an unsupported media type.',
    source: 'openstack/sushy release note fix-eject-media-empty-dict',
    effects: {
      traits: IDENTITY.hpe,
      http: [
        {
          method: ['POST'],
          path: PATHS.eject,
          noBody: true,
          effect: refusal(415, 'iLO.2.14.UnsupportedMediaType', 'The media type is not supported.'),
        },
      ],
    },
  },
  {
    id: 'hpe-no-boot-mode',
    vendor: 'HPE',
    changes: 'The boot mode can neither be read nor set (Gen9).',
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py',
    effects: {
      traits: {
        ...IDENTITY.hpe,
        model: 'ProLiant DL360 Gen9',
        bmcModel: 'iLO 4',
        bmcVersion: '2.78',
        bootMode: 'none',
      },
    },
  },
  {
    id: 'hpe-identity-encoding',
    vendor: 'HPE',
    changes: 'Registries answer 406 to Accept-Encoding: identity (Gen10 Plus).',
    source: 'openstack/sushy sushy/connector.py',
    effects: {
      traits: { ...IDENTITY.hpe, model: 'ProLiant DL360 Gen10 Plus' },
      http: [
        {
          path: '/Registries',
          headerMatches: { 'accept-encoding': '^identity$' },
          effect: refusal(406, 'Base.1.4.GeneralError', 'Not acceptable.'),
        },
      ],
    },
  },
  {
    id: 'hpe-reset-without-type',
    vendor: 'HPE',
    changes: 'Reset lists no values and takes no ResetType.',
    source: 'stmcginnis/gofish 531c6e6',
    effects: { traits: { ...IDENTITY.hpe, resetTypes: null, resetWithoutType: true } },
  },
  {
    id: 'hpe-enabled-needs-target',
    vendor: 'HPE',
    changes: 'BootSourceOverrideEnabled cannot be written while the target is None.',
    source: 'ironcore-dev/metal-operator PR 998',
    effects: { traits: { ...IDENTITY.hpe, refusesEnabledWithTargetNone: true } },
  },
  {
    id: 'hpe-no-power-state',
    vendor: 'HPE',
    changes: 'The system has no PowerState.',
    source: 'ironcore-dev/metal-operator 5ae9e6a0',
    effects: { traits: IDENTITY.hpe, http: [edits(PATHS.system, remove('/PowerState'))] },
  },
  {
    id: 'hpe-adapter-ids-change',
    vendor: 'HPE',
    changes: 'Ids of network adapters are others after each start (iLO 6).',
    source: 'openstack/ironic 56689feed',
    effects: { traits: { ...IDENTITY.hpe6, adapterIdsChange: true } },
  },
  {
    id: 'hpe-task-monitor-useless',
    vendor: 'HPE',
    changes: 'The task monitor of a firmware update leads nowhere; only the task itself tells (iLO 5).',
    source: 'openstack/sushy release note fixes-ilo5',
    effects: { traits: { ...IDENTITY.hpe, taskMonitorUseless: true } },
  },
  {
    id: 'hpe-bios-update-at-reset',
    vendor: 'HPE',
    changes: 'The task of a BIOS update ends only after the machine was reset.',
    source: 'openstack/ironic ironic/drivers/modules/redfish/firmware.py',
    effects: { traits: { ...IDENTITY.hpe, biosUpdateNeedsReset: true } },
  },
  {
    id: 'hpe-drive-without-state',
    vendor: 'HPE',
    changes: 'Drives have no Status.State.',
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py',
    effects: { traits: IDENTITY.hpe, http: [edits('/Drives/[^/]+$', remove('/Status/State'))] },
  },
];
