/** What a machine's firmware is to be like between tenants; null where it tells nothing. */
export interface Baseline {
  bios: Record<string, string | null> | null;
  firmware: Record<string, string | null> | null;
}

/** One difference, as a person reads it. */
export interface Difference {
  name: string;
  wanted: string | null;
  found: string | null;
}

interface Setting {
  name: string;
  value: string | null;
  read_only?: boolean | null;
}

interface Component {
  component: string;
  current_version: string | null;
}

/** Settings by name, without those nobody can set: clocks, counters, sensors. */
export function settingsOf(settings: readonly Setting[]): Record<string, string | null> {
  const own = settings.filter((one) => one.read_only !== true);
  return Object.fromEntries(own.map((one) => [one.name, one.value]));
}

/** Versions by component. */
export function versionsOf(components: readonly Component[]): Record<string, string | null> {
  return Object.fromEntries(components.map((one) => [one.component, one.current_version]));
}

/**
 * What is not as recorded. Names that are new, or gone, are no difference of a setting (firmware updates bring and
 * take them); of components they are: a card that is gone or new is told.
 */
export function differences(
  wanted: Readonly<Record<string, string | null>> | null,
  found: Readonly<Record<string, string | null>> | null,
  names: 'common' | 'all',
): Difference[] {
  if (wanted === null || found === null) return [];
  const all = names === 'all' ? new Set([...Object.keys(wanted), ...Object.keys(found)]) : new Set(Object.keys(wanted));
  return [...all]
    .filter((name) => names === 'all' || Object.hasOwn(found, name))
    .map((name) => ({ name, wanted: wanted[name] ?? null, found: found[name] ?? null }))
    .filter((one) => one.wanted !== one.found);
}

/** `SecureBoot is "Disabled", recorded is "Enabled"`, at most a few of them. */
export function differenceText(all: readonly Difference[]): string {
  const said = all
    .slice(0, 5)
    .map(({ name, wanted, found }) => `${name} is ${shown(found)}, recorded is ${shown(wanted)}`);
  return said.join('; ') + (all.length > 5 ? `; and ${all.length - 5} more` : '');
}

const shown = (value: string | null) => (value === null ? 'absent' : JSON.stringify(value));
