import { harmless } from '../output/cell.ts';
import type { Found, Search } from './search.ts';

/** One machine as people read it. */
export function asText(one: Found): string {
  const { boot } = one;
  const listed = (values: readonly unknown[]) => (values.length === 0 ? null : values.join(', '));
  const properties = one.properties as Record<string, unknown>;
  const lines: [string, string | null][] = [
    ['BMC', `${one.place} (${one.protocols.join(', ')}; driven by ${one.driver})`],
    ['machine', listed([one.vendor, one.model].filter((text) => text !== null))],
    ['serial', one.serial],
    ['UUID', one.uuid],
    ['BMC firmware', one.firmware],
    ['BIOS', one.bios_version],
    ['power', one.power_state],
    ['health', one.health],
    ['hardware', listed(Object.entries(properties).map(([key, value]) => `${key}=${String(value)}`))],
    [
      'boots in',
      boot.modes.length === 0 ? null : `${boot.modes.join(', ')}${boot.mode === null ? '' : ` (now ${boot.mode})`}`,
    ],
    ['boots from', listed(boot.devices)],
    ['Secure Boot', boot.secure_boot === null ? null : boot.secure_boot ? 'on' : 'off'],
    ['virtual media', listed(boot.virtual_media)],
    ['HTTP boot', one.driver === 'redfish' && one.command !== null ? (boot.http ? 'of a given URL' : 'no') : null],
    ['MACs', listed(one.macs)],
    ['certificate', one.fingerprint],
    ...one.quirks.map(({ id, source }): [string, string] => ['quirk', `${id} (${source})`]),
    ['error', one.error === null ? null : `${one.error.message} (${one.error.code})`],
    ['node', one.node_uuid === null ? null : `${one.node_uuid}${one.enrolled ? ' (made now)' : ''}`],
    ...one.notes.map((note): [string, string] => ['note', note]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  const text = lines.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(width)}${value}`]));
  const command = one.command === null || one.node_uuid !== null ? [] : ['', one.command];
  return `${harmless([...text, ...command].join('\n'))}\n`;
}

/** The same in one line, for lists. */
export function asLine(one: Found): string {
  const make = [one.vendor, one.model].filter((text) => text !== null).join(' ');
  const parts = [one.place, one.protocols.join('+'), make, one.serial, one.power_state];
  const node = one.node_uuid === null ? '' : `node ${one.node_uuid}${one.enrolled ? ' (made now)' : ''}`;
  const error = one.error === null ? '' : one.error.message;
  return harmless([...parts, node, error].filter((text) => text !== null && text !== '').join('  '));
}

/** Where a search stands, in a sentence. */
export function asProgress({ scanned, total, found, enrolled }: Search): string {
  const made = enrolled === 0 ? '' : `, ${enrolled} enrolled`;
  return `${scanned} of ${total} places, ${found} found${made}`;
}
