import type { Document } from './node.ts';

/** What was found at one place: a BMC and one machine behind it. Names are those of the wire. */
export interface BmcReport {
  /** Where: `192.0.2.7`, `192.0.2.7:8443`. */
  place: string;
  /** The protocol to drive it by: Redfish where it speaks it. */
  protocol: 'redfish' | 'ipmi';
  /** All it answered to. */
  protocols: ('redfish' | 'ipmi')[];
  driver: string;
  /** What a node of it needs, without the password. */
  driver_info: Document;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  uuid: string | null;
  /** Of the BMC itself. */
  firmware: string | null;
  bios_version: string | null;
  power_state: string | null;
  health: string | null;
  boot: BootAbility;
  /** Rows of the quirk table that hold for it. */
  quirks: { id: string; source: string }[];
  properties: Document;
  macs: string[];
  /** SHA-256 of its certificate, as it was seen. */
  fingerprint: string | null;
  notes: string[];
  /** Why it could not be looked at: the login was refused, it does not answer… */
  error: { code: string; message: string } | null;
  /** A command that makes the node. */
  command: string | null;
}

/** What it can start from, as far as the BMC tells. */
export interface BootAbility {
  modes: string[];
  mode: string | null;
  secure_boot: boolean | null;
  devices: string[];
  /** Kinds of virtual media. */
  virtual_media: string[];
  /** UEFI HTTP boot of a given URL. */
  http: boolean;
}

export const NO_BOOT: BootAbility = {
  modes: [],
  mode: null,
  secure_boot: null,
  devices: [],
  virtual_media: [],
  http: false,
};

/** Stands for the password in the command: it belongs on no command line that is kept. */
const PASSWORD = '$BMC_PASSWORD';

/** The lines that enrol what was found: the node, then its ports. */
export function createCommand(
  report: Pick<BmcReport, 'driver' | 'driver_info' | 'properties' | 'macs'>,
  name: string,
): string {
  const info = Object.entries(report.driver_info).map(([key, value]) => `--driver-info ${quoted(`${key}=${value}`)}`);
  const properties = Object.entries(report.properties).map(([key, value]) => `--property ${quoted(`${key}=${value}`)}`);
  const secret =
    report.driver_info[`${report.driver}_username`] === undefined
      ? []
      : [`--driver-info ${report.driver}_password="${PASSWORD}"`];
  const parts = [`--driver ${report.driver}`, `--name ${quoted(name)}`, ...info, ...secret, ...properties];
  const node = `ingot baremetal node create ${parts.join(' ')}`;
  const id = `"$(ingot baremetal node show ${quoted(name)} -f value -c uuid)"`;
  return [node, ...report.macs.map((mac) => `ingot baremetal port create ${mac} --node ${id}`)].join('\n');
}

/** A node's name from what is printed on the machine; its address where that gives none. */
export function nodeNameOf(report: Pick<BmcReport, 'serial' | 'place'>): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  const serial = plain(report.serial ?? '');
  return serial.length >= 4 ? serial.slice(0, 63) : `bmc-${plain(report.place)}`.slice(0, 63);
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
