import type { Quirk } from './quirk.ts';

export const ipmiQuirks: readonly Quirk[] = [
  {
    id: 'ipmi-refuses-same-power',
    vendor: 'any (IPMI)',
    changes: 'Switching off what is off, or on what is on, fails with "not supported in present state".',
    source: 'openstack/ironic release note reboot-do-not-power-off-if-already; bmc-toolbox/bmclib a890365',
    effects: { traits: { refusesSamePower: true } },
  },
  ...(
    [
      ['node-busy', 0xc0],
      ['timeout', 0xc3],
      ['out-of-space', 0xc4],
      ['initialising', 0xd2],
    ] as const
  ).map(
    ([name, code]): Quirk => ({
      id: `ipmi-${name}`,
      vendor: 'any (IPMI)',
      changes: `Three commands in ten fail with completion code ${code.toString(16)}h and would succeed if tried again.`,
      source: 'openstack/ironic ironic/drivers/modules/ipmitool.py and release note add-more-retryable',
      effects: { ipmi: [{ netFn: 0x00, chance: 0.3, effect: { kind: 'code', code } }] },
    }),
  ),
  {
    id: 'ipmi-hangs',
    vendor: 'any (IPMI)',
    changes: 'Chassis commands are never answered, and the tool retries by itself for minutes.',
    source: 'openstack/ironic release notes change_default_use_ipmitool_retries, force-out-hung',
    effects: { ipmi: [{ netFn: 0x00, effect: { kind: 'drop' } }] },
  },
  {
    id: 'ipmi-cipher-3-only',
    vendor: 'old IPMI',
    changes: 'Cipher suite 17 is refused.',
    source: 'openstack/ironic release note bug-2085137',
    effects: { traits: { ipmiCiphers: [3] } },
  },
  {
    id: 'ipmi-insufficient-resources',
    vendor: 'any (IPMI)',
    changes: 'Two sessions are refused with "insufficient resources for session" before one is opened.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py',
    effects: { traits: { ipmiRefusesOpens: 2 } },
  },
  {
    id: 'ipmi-hashes-open-privilege',
    vendor: 'many (IPMI)',
    changes: "Keys are hashed with the privilege of Open Session instead of RAKP 1's (FreeIPMI's opensesspriv).",
    source: 'chu11/freeipmi libipmiconsole (workaround opensesspriv); canonical/maas power driver ipmi',
    effects: { traits: { ipmiHashesOpenPrivilege: true } },
  },
  {
    id: 'ipmi-kg',
    vendor: 'many (IPMI)',
    changes: 'A K_g key is set: 4b47203132333435363738393061626364656667.',
    source: 'canonical/maas power driver ipmi; openstack/ironic ironic/drivers/modules/ipmitool.py',
    effects: { traits: { ipmiKg: '4b47203132333435363738393061626364656667' } },
  },
  {
    id: 'ipmi-boot-flags-expire',
    vendor: 'many (IPMI)',
    changes: 'Boot flags die 60 s after they were set unless boot option 3 says otherwise.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py',
    effects: { traits: { ipmiBootFlagsExpire: true } },
  },
  {
    id: 'openbmc-no-boot-timeout-option',
    vendor: 'OpenBMC',
    changes: 'Boot option 3 is not known.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py (ipmi_disable_boot_timeout)',
    effects: { traits: { ipmiBootTimeoutParameter: false } },
  },
  {
    id: 'ipmi-drops-uefi-flag',
    vendor: 'many (IPMI)',
    changes: 'The UEFI flag of a boot device is dropped: the mode turns to legacy.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py and release note ipmitool-bootdev-persistent-uefi',
    effects: { traits: { ipmiDropsUefiFlag: true } },
  },
  {
    id: 'ipmi-forgets-boot-device',
    vendor: 'many (IPMI)',
    changes: 'The boot device is forgotten when power goes.',
    source: 'openstack/ironic ironic/drivers/modules/ipmitool.py (force_boot_device)',
    effects: { traits: { forgetsBootDeviceAtPowerCycle: true } },
  },
  {
    id: 'ipmi-commands-too-close',
    vendor: 'many (IPMI)',
    changes:
      "A session's commands are refused as busy when it comes within a second of another's last (five on real ones).",
    source: 'openstack/ironic ironic/conf/ipmi.py (min_command_interval)',
    effects: { traits: { ipmiMinIntervalMs: 1_000 } },
  },
  {
    id: 'fujitsu-ipmi-off',
    vendor: 'Fujitsu',
    changes: 'IPMI over LAN is off until it is switched on over Redfish (iRMC S6 from 2.00).',
    source: 'openstack/ironic release note fix-irmc-s6',
    effects: {
      traits: {
        manufacturer: 'FUJITSU',
        model: 'PRIMERGY RX2540 M7',
        bmcModel: 'iRMC S6',
        bmcVersion: '02.20S',
        ipmiEnabled: false,
      },
    },
  },
  {
    id: 'ipmi-sol-taken',
    vendor: 'many (IPMI)',
    changes: 'The serial console is "already active on another session" until it is deactivated.',
    source: 'CCI-MOC/hil#417; bmc-toolbox/bmclib 6e4134b; openbmc/openbmc-test-automation#678',
    effects: { traits: { solTakenByOthers: true } },
  },
  {
    id: 'openbmc-sol-closes',
    vendor: 'OpenBMC',
    changes: 'The serial console ends when power changes, or without keepalive (five seconds here).',
    source: 'openbmc/openbmc#2197; openbmc/phosphor-net-ipmid#29',
    effects: { traits: { solClosesAtPowerChange: true, solIdleMs: 5_000 } },
  },
  {
    id: 'ipmi-stale-sequence',
    vendor: 'some (IPMI)',
    changes: 'The first answer in a session opened right after another carries a wrong sequence number.',
    source: 'bmc-toolbox/bmclib 0d1d824',
    effects: { traits: { ipmiStaleSequence: true } },
  },
];
