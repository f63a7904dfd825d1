import { BMC_LOGIN } from '../../src/operate/rack/layout.ts';

/** A way to drive and to boot a machine. */
export interface Way {
  node: string;
  machine: 'm1' | 'm2' | 'm3' | 'm4';
  driver: 'redfish' | 'ipmi';
  boot: string;
  mode: 'uefi' | 'bios';
  /** What it is to have booted by, as `explain` says it. */
  method: string;
  /** Looked at before its deploy: by the BMC, or where that cannot by the ramdisk. */
  inspected?: true;
  /** Rebuild, rescue, capture and all. */
  whole?: true;
  /** Its system is started from the ramdisk, and then once from cold. */
  kexec?: true;
  /** Erased before it is offered, and deployed from the ramdisk that did it. */
  warm?: true;
  /** Only what is signed starts. */
  secure?: true;
  /** Its image is signed by a key of its owner's, which the machine does not know at first. */
  own?: true;
  /** Ingot is killed while the image is written. */
  killed?: true;
  /** Goes only where it is named: it disturbs the others, or is much like one of them. */
  alone?: true;
}

const WAYS: readonly Way[] = [
  {
    node: 'by-media',
    machine: 'm1',
    driver: 'redfish',
    boot: 'auto',
    mode: 'uefi',
    method: 'virtual-media',
    inspected: true,
    whole: true,
  },
  { node: 'by-uefi-ipxe', machine: 'm2', driver: 'ipmi', boot: 'ipxe', mode: 'uefi', method: 'ipxe' },
  {
    node: 'by-http',
    machine: 'm3',
    driver: 'redfish',
    boot: 'redfish-https',
    mode: 'uefi',
    method: 'uefi-http',
    inspected: true,
    kexec: true,
  },
  { node: 'by-bios-ipxe', machine: 'm2', driver: 'ipmi', boot: 'auto', mode: 'bios', method: 'ipxe', inspected: true },
  {
    node: 'by-secure',
    machine: 'm4',
    driver: 'redfish',
    boot: 'auto',
    mode: 'uefi',
    method: 'virtual-media',
    inspected: true,
    secure: true,
  },
  {
    node: 'by-own-key',
    machine: 'm4',
    driver: 'redfish',
    boot: 'auto',
    mode: 'uefi',
    method: 'virtual-media',
    inspected: true,
    secure: true,
    own: true,
    alone: true,
  },
  {
    node: 'killed',
    machine: 'm2',
    driver: 'ipmi',
    boot: 'ipxe',
    mode: 'bios',
    method: 'ipxe',
    killed: true,
    alone: true,
  },
  {
    node: 'warm',
    machine: 'm2',
    driver: 'redfish',
    boot: 'ipxe',
    mode: 'bios',
    method: 'ipxe',
    inspected: true,
    kexec: true,
    warm: true,
    alone: true,
  },
];

/** Parts of a whole life between the deploy and the cleaning. */
export const PARTS = ['cold', 'rebuild', 'rescue', 'capture'] as const;
export type Part = (typeof PARTS)[number];

const words = (name: string) => process.env[name]?.split(',') ?? [];

/** The ways that `INGOT_E2E` names; where it names none, all that disturb no other. */
export function chosenWays(): readonly Way[] {
  const chosen = WAYS.filter(({ node }) => words('INGOT_E2E').includes(node));
  return chosen.length > 0 ? chosen : WAYS.filter(({ alone }) => alone !== true);
}

/** Is this part of a whole life asked for (`INGOT_E2E_PARTS`)? All are, where none is named. */
export function isAsked(part: Part): boolean {
  const asked = PARTS.filter((one) => words('INGOT_E2E_PARTS').includes(one));
  return asked.length === 0 || asked.includes(part);
}

const addressOf = (machine: Way['machine']) => `127.0.77.${machine.slice(1)}`;

/** `driver_info` by which the BMC of a machine of the rack is asked over Redfish. */
export const redfishOf = (machine: Way['machine']) => ({
  redfish_address: `https://${addressOf(machine)}`,
  redfish_username: BMC_LOGIN.name,
  redfish_password: BMC_LOGIN.password,
  redfish_verify_ca: 'pin',
});

/** What a node of this way is enrolled with. */
export function enrolment(way: Way): Record<string, unknown> {
  const { name, password } = BMC_LOGIN;
  const driver_info =
    way.driver === 'redfish'
      ? redfishOf(way.machine)
      : { ipmi_address: addressOf(way.machine), ipmi_username: name, ipmi_password: password };
  return {
    name: way.node,
    driver: way.driver,
    boot_interface: way.boot,
    properties: { capabilities: `boot_mode:${way.mode}${way.secure === true ? ',secure_boot:true' : ''}` },
    // Few ways clean what was never anybody's; all clean what is given back.
    ...((way.whole === true && PARTS.every(isAsked)) || way.warm === true ? {} : { automated_clean: false }),
    driver_info: { ...driver_info, ...(way.kexec === true && { agent_kexec: true }) },
  };
}
