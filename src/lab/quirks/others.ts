import { DEFAULT_TRAITS } from '../bmc/traits.ts';
import { edits, IDENTITY, PATHS, type Quirk, refusal, remove, set } from './quirk.ts';

const without = (list: readonly string[], value: string) => list.filter((v) => v !== value);

export const otherQuirks: readonly Quirk[] = [
  {
    id: 'unchanged-enabled-refused',
    vendor: 'most others',
    changes: 'Writing BootSourceOverrideEnabled with the value it has is an error.',
    source: 'openstack/ironic ironic/drivers/modules/redfish/management.py; story 2007355',
    effects: { traits: { refusesUnchangedEnabled: true } },
  },
  {
    id: 'ami-full-boot-request',
    vendor: 'AMI, ASRock Rack',
    changes: 'Mode, enabled and target must be written together.',
    source: 'openstack/ironic VENDORS_REQUIRING_FULL_BOOT_REQUEST',
    effects: { traits: { ...IDENTITY.ami, needsFullBootRequest: true } },
  },
  {
    id: 'settings-without-boot',
    vendor: 'others',
    changes: 'The system has a Settings resource, but Boot is not writable there.',
    source: 'openstack/sushy release note check-for-boot-attrs',
    effects: { traits: { bootSettingsResource: 'decoy' } },
  },
  {
    id: 'conflict-in-target-state',
    vendor: 'any',
    changes: 'A reset to the state the system is in answers 409.',
    source: 'openstack/ironic release note catch-redfish-409',
    effects: { traits: { refusesSamePower: true } },
  },
  {
    id: 'weak-etag-refused',
    vendor: 'several',
    changes: 'ETags come weak, and a weak one in If-Match is refused; the strong form is taken.',
    source: 'openstack/sushy release notes releasenote-d7138, fix-return-full-weak-etag',
    effects: { traits: { etags: 'weak-refused' } },
  },
  {
    id: 'empty-etag',
    vendor: 'several',
    changes: 'The ETag is empty, and If-Match with it answers 412.',
    source: 'openstack/sushy release note ignore-empty-string-etags',
    effects: { traits: { etags: 'empty' } },
  },
  {
    id: 'if-match-required',
    vendor: 'HPE, others',
    changes: 'PATCH without If-Match answers 428.',
    source: 'openstack/sushy release note fix-missing-etags',
    effects: { traits: { ifMatch: 'required' } },
  },
  {
    id: 'if-match-never-works',
    vendor: 'some',
    changes: 'Any If-Match answers 412, even "*".',
    source: 'canonical/maas 3.5.4 bug 2099949; stmcginnis/gofish 77490fd; bmc-toolbox/bmclib cc23eec',
    effects: { traits: { etags: 'never-match' } },
  },
  {
    id: 'cisco-dvd-only',
    vendor: 'Cisco',
    changes: 'Slots take DVD only, and the first ones fail (UCSB, UCSX).',
    source: 'openstack/ironic release note handle-dvd-only-vmedia',
    effects: {
      traits: {
        ...IDENTITY.cisco,
        mediaSlots: [
          { id: '0', slot: 'none', mediaTypes: ['USBStick'], insert: 'broken' },
          { id: '1', slot: 'none', mediaTypes: ['DVD'], insert: 'broken' },
          { id: '2', slot: 'cd', mediaTypes: ['DVD'], insert: 'normal' },
        ],
      },
    },
  },
  {
    id: 'cisco-slots-without-insert',
    vendor: 'Cisco, OpenBMC',
    changes: 'Some slots have no InsertMedia and answer 405 to it (C845A M8).',
    source: 'openstack/ironic release note cisco-c845a-vmedia-fix',
    effects: {
      traits: {
        ...IDENTITY.cisco,
        model: 'UCSC-C845A-M8',
        mediaSlots: [
          { id: 'Slot_0', slot: 'none', mediaTypes: ['CD'], insert: 'no-action' },
          { id: 'Slot_1', slot: 'cd', mediaTypes: ['CD'], insert: 'normal' },
        ],
      },
    },
  },
  {
    id: 'off-spec-json',
    vendor: 'Cisco, NVIDIA, ZT and others',
    changes: 'Numbers come as strings, an object as an array, a socket as a number, a MAC address as an empty string.',
    source: 'stmcginnis/gofish 9c22340, 181eba5, 4ed40aa; openstack/sushy release note skip-empty-mac',
    effects: {
      http: [
        edits(
          '/Chassis/[^/]+/Power$',
          set('/PowerControl/0/PowerConsumedWatts', '168'),
          set('/PowerSupplies/*/PowerCapacityWatts', '800'),
        ),
        edits('/PowerSubsystem$', set('/Attributes', [])),
        edits('/Processors/[^/]+$', set('/Socket', 0)),
        edits('/EthernetInterfaces/NIC\\.2$', set('/MACAddress', ''), set('/PermanentMACAddress', '')),
        edits('/Memory/[^/]+$', set('/CapacityMiB', '1024')),
      ],
    },
  },
  {
    id: 'nvidia-insert-needs-credentials',
    vendor: 'NVIDIA (AMI)',
    changes: 'InsertMedia wants UserName and Password even for open images, and its error has no code.',
    source: 'openstack/sushy release note insertmedia-credentials-detection',
    effects: {
      traits: IDENTITY.nvidia,
      http: [
        {
          method: ['POST'],
          path: PATHS.insert,
          bodyLacks: ['/UserName', '/Password'],
          effect: {
            kind: 'answer',
            answer: {
              status: 400,
              body: { error: { message: 'Invalid or missing UserName or Password for the media server.' } },
            },
          },
        },
      ],
    },
  },
  ...(
    [
      ['property', 'Base.1.8.PropertyMissing', 'TransferProtocolType'],
      ['parameter', 'Base.1.8.ActionParameterMissing', 'TransferProtocolType'],
      ['method', 'Base.1.8.ActionParameterMissing', 'TransferMethod'],
    ] as const
  ).map(
    ([name, messageId, key]): Quirk => ({
      id: `insert-needs-transfer-${name}`,
      vendor: 'some',
      changes: `InsertMedia wants ${key} and says so with ${messageId}.`,
      source: 'openstack/sushy release notes property-missing, action-parameter-missing, commit c416bf1',
      effects: {
        http: [
          {
            method: ['POST'],
            path: PATHS.insert,
            bodyLacks: [`/${key}`],
            effect: {
              kind: 'answer',
              answer: {
                status: 400,
                body: {
                  error: {
                    code: messageId,
                    message: `${key} is missing.`,
                    '@Message.ExtendedInfo': [
                      {
                        MessageId: messageId,
                        Message: `${key} is missing.`,
                        MessageArgs: [key],
                        RelatedProperties: [`#/${key}`],
                      },
                    ],
                  },
                },
              },
            },
          },
        ],
      },
    }),
  ),
  {
    id: 'bluefield-nic-mode',
    vendor: 'NVIDIA BlueField',
    changes: 'BIOS fails with 500, the out-of-band NIC with 404, and BIOS attributes are empty until a reset.',
    source: 'NVIDIA/bare-metal-manager-core computer_system.rs, site-explorer lib.rs',
    effects: {
      traits: { ...IDENTITY.bluefield, biosAttributesEmptyUntilReset: true },
      http: [
        {
          method: ['GET'],
          path: PATHS.bios,
          times: 3,
          effect: refusal(500, 'Base.1.15.InternalError', 'Internal error.'),
        },
        {
          method: ['GET'],
          path: '/EthernetInterfaces/NIC\\.1$',
          times: 3,
          effect: refusal(404, 'Base.1.15.ResourceNotFound', 'Not found.'),
        },
      ],
    },
  },
  {
    id: 'nvidia-viking',
    vendor: 'NVIDIA DGX',
    changes:
      'The account is number 2, writes need If-Match: *, BIOS settings live at /Bios/SD, and firmware may not be listed.',
    source: 'NVIDIA/bare-metal-manager-core redfish.rs, endpoints_reference',
    effects: {
      traits: { ...IDENTITY.nvidia, ifMatch: 'star', biosSettingsPath: 'SD', accountIds: ['2', '5', '6'] },
      http: [{ path: '/FirmwareInventory', effect: refusal(403, 'Base.1.13.InsufficientPrivilege', 'Not allowed.') }],
    },
  },
  {
    id: 'no-managed-by',
    vendor: 'Huawei 1288H, emulators',
    changes: 'Links.ManagedBy is missing.',
    source: 'openstack/sushy release note retry-on-missing-managedby; starbops/kubevirtbmc#70',
    effects: {
      traits: { manufacturer: 'Huawei', model: '1288H V5' },
      http: [edits('/(Systems|Chassis)/[^/]+$', remove('/Links/ManagedBy'))],
    },
  },
  {
    id: 'zt-rate-limit',
    vendor: 'ZT Systems',
    changes: 'More than ten requests in a second fail.',
    source: 'stmcginnis/gofish 421a112',
    effects: {
      traits: { manufacturer: 'ZTSYSTEMS', model: 'Proteus' },
      http: [
        { abovePerSecond: 10, effect: refusal(503, 'Base.1.8.ServiceTemporarilyUnavailable', 'Too many requests.') },
      ],
    },
  },
  {
    id: 'subscriptions-differ',
    vendor: 'some',
    changes: 'Subscriptions show no Context, and their location ends in a slash.',
    source: 'openstack/sushy release note allow_empty_context; openstack/ironic vendor.py',
    effects: {
      http: [
        edits('/Subscriptions/[^/]+/?$', remove('/Context')),
        {
          method: ['POST'],
          path: '/Subscriptions/?$',
          effect: { kind: 'headers', set: { location: '/redfish/v1/EventService/Subscriptions/1/' } },
        },
      ],
    },
  },
  {
    id: 'trailing-slash-needed',
    vendor: 'some',
    changes: 'Members of collections answer 404 without a trailing slash.',
    source: 'canonical/maas power driver redfish',
    effects: { traits: { trailingSlash: 'needed-on-members' } },
  },
  {
    id: 'drops-kept-connections',
    vendor: 'some',
    changes: 'Connections are dropped after each answer without saying so.',
    source: 'openstack/sushy release note disable-conn-pooling',
    effects: { traits: { closesAfter: 1 } },
  },
  {
    id: 'few-sessions',
    vendor: 'some',
    changes: 'Two sessions exhaust the pool.',
    source: 'openstack/ironic release note persist-redfish-sessions; openstack/sushy release note fix-to-close-session',
    effects: { traits: { maxSessions: 2 } },
  },
  {
    id: 'session-location-absolute',
    vendor: 'some',
    changes: 'The Location of a new session is absolute.',
    source: 'stmcginnis/gofish a08221e; openstack/sushy 43ed6a6',
    effects: { traits: { sessionLocation: 'absolute' } },
  },
  {
    id: 'session-location-in-body',
    vendor: 'some',
    changes: 'A new session has no Location; only the body names it.',
    source: 'stmcginnis/gofish a08221e; openstack/sushy 43ed6a6',
    effects: { traits: { sessionLocation: 'body-only' } },
  },
  {
    id: 'no-session-service',
    vendor: 'some',
    changes: 'There is no session service; only basic authentication works.',
    source: 'openstack/sushy sushy/connector.py',
    effects: { traits: { sessionService: 'none' } },
  },
  {
    id: 'sessions-only',
    vendor: 'some',
    changes: 'Basic authentication is refused.',
    source: 'openstack/sushy sushy/connector.py',
    effects: { traits: { basicAuth: false } },
  },
  {
    id: 'slow-bios-write',
    vendor: 'some',
    changes: 'Writing BIOS settings takes long (over 60 s; five here).',
    source: 'openstack/ironic release note redfish-read-timeout',
    effects: { http: [{ method: ['PATCH'], path: '/Bios/', effect: { kind: 'delay', ms: 5_000 } }] },
  },
  {
    id: 'no-continuous-override',
    vendor: 'some',
    changes: 'A boot override cannot be Continuous.',
    source: 'openstack/ironic release notes redfish-sadness, fix-redfish-sadness',
    effects: { traits: { bootEnabledValues: without(DEFAULT_TRAITS.bootEnabledValues, 'Continuous') } },
  },
  {
    id: 'time-offset-refused',
    vendor: 'some',
    changes: 'DateTimeLocalOffset cannot be written, and times with fractions of a second are refused.',
    source: 'openstack/ironic release note redfish-bmc-clock-offset',
    effects: {
      http: [
        {
          method: ['PATCH'],
          path: PATHS.manager,
          bodyHas: ['/DateTimeLocalOffset'],
          effect: refusal(400, 'Base.1.8.PropertyValueConflict', 'The offset is unchanged.'),
        },
        {
          method: ['PATCH'],
          path: PATHS.manager,
          bodyMatches: { '/DateTime': '\\.\\d' },
          effect: refusal(400, 'Base.1.8.PropertyValueFormatError', 'The time has a wrong format.'),
        },
      ],
    },
  },
  {
    id: 'secure-boot-fails-while-busy',
    vendor: 'some',
    changes: 'Secure Boot answers 500 a few times before it can be read.',
    source: 'openstack/ironic release note redfish-500',
    effects: {
      http: [{ path: PATHS.secureBoot, times: 4, effect: refusal(500, 'Base.1.8.InternalError', 'Internal error.') }],
    },
  },
  {
    id: 'no-boot-progress',
    vendor: 'some',
    changes: 'The system has no BootProgress.',
    source: 'openstack/ironic release note no-boot-progress',
    effects: { http: [edits(PATHS.system, remove('/BootProgress'))] },
  },
  {
    id: 'one-raid-task',
    vendor: 'some',
    changes: 'The RAID controller takes one task at a time.',
    source: 'openstack/ironic release note fix-redfish-raid-onreset',
    effects: { traits: { oneRaidTask: true, taskMs: 1_000 } },
  },
  {
    id: 'no-return-after-power-off',
    vendor: 'faulty ACPI',
    changes: 'A system that switched itself off hangs with its lamps on until it is forced off.',
    source: 'openstack/ironic release note oob-power-off',
    effects: { traits: { hangsAfterGuestPowerOff: true } },
  },
  {
    id: 'no-return-after-reboot',
    vendor: 'faulty ACPI',
    changes: 'A system that rebooted itself does not come back until it is forced off.',
    source: 'openstack/ironic release note oob-power-off',
    effects: { traits: { hangsAfterGuestReset: true } },
  },
  {
    id: 'update-takes-bmc-away',
    vendor: 'any',
    changes: 'After a firmware update the BMC is gone for a while (minutes; four seconds here).',
    source: 'openstack/ironic fbe0e188b',
    effects: { traits: { updateRebootMs: 4_000 } },
  },
  {
    id: 'several-systems',
    vendor: 'multi-system chassis',
    changes: 'Two systems that are no servers are listed before the real one.',
    source: 'openstack/ironic firmware.py; ironcore-dev/metal-operator c492f0da',
    effects: { traits: { extraSystems: 2 } },
  },
];
