import { IDENTITY, PATHS, type Quirk, refusal } from './quirk.ts';

const targets = (cd: string) => ['None', 'Pxe', 'Hdd', cd, 'Usb', 'BiosSetup', 'UefiTarget', 'UefiHttp'];

export const supermicroQuirks: readonly Quirk[] = [
  {
    id: 'supermicro-enabled-falls-back',
    vendor: 'Supermicro',
    changes: 'A boot override written without BootSourceOverrideEnabled becomes Once, whatever it was.',
    source: 'openstack/ironic release note supermicro-redfish-override-enabled',
    effects: { traits: { ...IDENTITY.supermicro, enabledFallsBackToOnce: true } },
  },
  {
    id: 'supermicro-mode-resets',
    vendor: 'Supermicro',
    changes: 'Setting a boot device sets the boot mode back to Legacy unless the request names the mode.',
    source: 'openstack/ironic release notes sync-boot-mode-after, restrict-sync-mode',
    effects: { traits: { ...IDENTITY.supermicro, modeResetsTo: 'Legacy' } },
  },
  {
    id: 'supermicro-no-boot-mode',
    vendor: 'Supermicro',
    changes: 'There is no BootSourceOverrideMode; a request with it is refused (X10SRM-TF).',
    source: 'ironcore-dev/metal-operator#982, e0b34f0b, c3e363f3; DMTF/Redfishtool#106',
    effects: { traits: { ...IDENTITY.supermicro, model: 'X10SRM-TF', bootMode: 'none' } },
  },
  {
    id: 'supermicro-usb-cd',
    vendor: 'Supermicro',
    changes: 'Virtual media boot as UsbCd, not Cd (X11, X12).',
    source:
      'openstack/sushy release notes change-bootdev-smc, supermicro-vmedia-dev-workaround; stmcginnis/gofish ec5fd02',
    effects: { traits: { ...IDENTITY.supermicro, bootTargets: targets('UsbCd') } },
  },
  {
    id: 'supermicro-cd-on-arm',
    vendor: 'Supermicro',
    changes: 'The exception among them: ARS-111GL-NHR boots virtual media as Cd.',
    source: 'openstack/sushy release note supermicro-vmedia-dev-workaround',
    effects: { traits: { ...IDENTITY.supermicroX12, model: 'ARS-111GL-NHR', bootTargets: targets('Cd') } },
  },
  {
    id: 'supermicro-insert-no-defaults',
    vendor: 'Supermicro',
    changes: 'InsertMedia refuses Inserted and WriteProtected, even with their default values.',
    source: 'openstack/sushy release note fix-insert-media-payload; stmcginnis/gofish c4c5d36',
    effects: {
      traits: IDENTITY.supermicro,
      http: ['/Inserted', '/WriteProtected'].map((pointer) => ({
        method: ['POST'],
        path: PATHS.insert,
        bodyHas: [pointer],
        effect: refusal(400, 'Base.1.4.PropertyUnknown', `The property ${pointer.slice(1)} is not known.`),
      })),
    },
  },
  {
    id: 'supermicro-plain-media-url',
    vendor: 'Supermicro',
    changes: 'An image URL with "?" or "=" in it, or not ending in .iso, is refused (X12).',
    source: 'openstack/ironic release note remove-filename-param',
    effects: {
      traits: IDENTITY.supermicroX12,
      http: ['[?=]', '^(?!.*\\.iso$)'].map((pattern) => ({
        method: ['POST', 'PATCH'],
        path: 'VirtualMedia',
        bodyMatches: { '/Image': pattern },
        effect: refusal(
          400,
          'Base.1.4.PropertyValueFormatError',
          'The value of Image has a format that is not accepted.',
        ),
      })),
    },
  },
  {
    id: 'supermicro-secure-boot-licence',
    vendor: 'Supermicro',
    changes: 'Reading Secure Boot needs a licence.',
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py',
    effects: {
      traits: IDENTITY.supermicro,
      http: [
        {
          path: PATHS.secureBoot,
          effect: refusal(403, 'SMC.1.0.OemLicenseNotPassed', 'Not licensed to perform this request.'),
        },
      ],
    },
  },
  {
    id: 'supermicro-uefi-disk-selector',
    vendor: 'Supermicro',
    changes: 'Over IPMI a UEFI disk is selector 24h, and 08h boots nothing.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py',
    effects: { traits: { ...IDENTITY.supermicro, ipmiUefiDiskSelector: 0x24 } },
  },
  {
    id: 'supermicro-stuck-in-flash-mode',
    vendor: 'Supermicro',
    changes: 'After a failed firmware update every further one is refused until the BMC is reset (X11).',
    source: 'bmc-toolbox/bmclib d4992c5, 8023a68, 55a0937',
    effects: { traits: { ...IDENTITY.supermicro, stuckInFlashModeAfterFailure: true } },
  },
  {
    id: 'supermicro-port-ids-collide',
    vendor: 'Supermicro',
    changes: 'Ports of different add-on NICs carry the same id and no address.',
    source: 'bmc-toolbox/bmclib f6644c2',
    effects: {
      traits: IDENTITY.supermicro,
      http: [
        {
          method: ['GET'],
          path: '/NetworkAdapters/[^/]+/Ports/1$',
          effect: {
            kind: 'edit',
            edits: [
              { at: '/@odata.id', op: 'set', value: '/redfish/v1/Chassis/1/NetworkAdapters/1/Ports/1' },
              { at: '/Ethernet', op: 'remove' },
            ],
          },
        },
      ],
    },
  },
];
