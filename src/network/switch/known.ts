import { SECRET_MASK, Secret } from '#kernel/secret';
import type { PortPlan, PortReport, SwitchAbilities, SwitchLink, SwitchSummary } from '#contracts/switches';
import type { Reader, Sealer } from '#store/contract';
import type { SwitchDriver, SwitchLogin, SwitchTarget } from './drivers/contract.ts';
import type { SwitchDrivers } from './drivers/registry.ts';
import { errors } from './errors.ts';
import type { PortConfig } from './model/config.ts';
import { differencesOf, portInWords } from './model/difference.ts';
import { configOf, type PlanRules } from './model/plan.ts';
import type { PortRow } from './store/ports.ts';
import { findSwitch, type SwitchRow } from './store/switches.ts';

// What the rows of switches and ports mean: for the service, the writer and the API alike.

/** Secrets of a login, as they are sealed. */
export interface SealedLogin {
  password?: string;
  private_key?: string;
  enable_password?: string;
  certificate_key?: string;
}

export const loginPlace = (id: string): string => `switch:${id}:login`;

/** The driver of a switch. */
export const driverOf = (drivers: SwitchDrivers, row: SwitchRow): SwitchDriver => drivers.of(row.driver, row.platform);

/** What the switch can be asked for. */
export function abilitiesOf(drivers: SwitchDrivers, row: SwitchRow): SwitchAbilities {
  const driver = driverOf(drivers, row);
  return driver.abilitiesWith?.(JSON.parse(row.options) as Record<string, string>) ?? driver.abilities;
}

/** What plans are judged by. */
export function rulesOf(drivers: SwitchDrivers, row: SwitchRow): PlanRules {
  const { isolates } = driverOf(drivers, row);
  return { name: row.name, abilities: abilitiesOf(drivers, row), isolates, parkingVlan: row.parking_vlan };
}

/** What a driver is told. Throws what the sealer throws. */
export function targetOf(sealer: Sealer, row: SwitchRow): SwitchTarget {
  const sealed = sealer.open<SealedLogin>(row.login_sealed, loginPlace(row.id));
  const secret = (text: string | undefined) => (text === undefined ? null : new Secret(text));
  const login: SwitchLogin = {
    username: row.username,
    password: secret(sealed.password),
    privateKey: secret(sealed.private_key),
    enablePassword: secret(sealed.enable_password),
    ca: row.ca,
    certificate: row.certificate,
    certificateKey: secret(sealed.certificate_key),
  };
  return {
    name: row.name,
    address: row.address,
    platform: row.platform,
    login,
    hostKey: row.host_key,
    parkingVlan: row.parking_vlan,
    options: JSON.parse(row.options) as Record<string, string>,
  };
}

/** Names of the secrets that are set, each masked. */
export function maskedLogin(sealer: Sealer, row: SwitchRow): Record<string, string> {
  const sealed = sealer.open<SealedLogin>(row.login_sealed, loginPlace(row.id));
  return Object.fromEntries(Object.keys(sealed).map((name) => [name, SECRET_MASK]));
}

/** The switch a link names. Throws `SwitchUnknown`. */
export async function switchOf(reader: Reader, link: Pick<SwitchLink, 'switchId' | 'switchInfo'>): Promise<SwitchRow> {
  const row =
    (await findSwitch(reader, link.switchId)) ??
    (link.switchInfo === undefined || link.switchInfo === '' ? undefined : await findSwitch(reader, link.switchInfo));
  if (row === undefined) throw errors.SwitchUnknown(link.switchInfo ?? link.switchId);
  return row;
}

/** The switch's own name of a port. Throws `SwitchBadPort`. */
export function portOf(drivers: SwitchDrivers, row: SwitchRow, said: string): string {
  const names = JSON.parse(row.port_names) as Record<string, string>;
  const port = driverOf(drivers, row).portName(Object.hasOwn(names, said) ? (names[said] as string) : said.trim());
  if (port === null)
    throw errors.SwitchBadPort(said.slice(0, 80), `is no port of ${row.name}; see: ingot switch ports`);
  return port;
}

/** What the row wants of the switch; null when nothing is. */
export function wantedOf(row: PortRow, rules: PlanRules): PortConfig | null {
  if (row.plan === null) return null;
  return configOf(JSON.parse(row.plan) as PortPlan, rules, row.lag_group);
}

/** What the switch said last; null when it was not asked, or has no such port. */
export const foundOf = (row: PortRow): PortConfig | null =>
  row.found === null ? null : (JSON.parse(row.found) as PortConfig);

/** A port for others. */
export function reportOf(row: PortRow, of: SwitchRow, rules: PlanRules): PortReport {
  const wanted = wantedOf(row, rules);
  const found = foundOf(row);
  const done = row.done_revision >= row.revision;
  return {
    switch: { id: of.id, name: of.name },
    port: row.port,
    plan: row.plan === null ? null : (JSON.parse(row.plan) as PortPlan),
    owner: row.owner,
    state: wanted === null ? 'unmanaged' : !done ? 'pending' : (row.outcome ?? 'pending'),
    error: row.error === null ? null : { code: row.error_code ?? 'SwitchRefused', message: row.error },
    found: found === null ? null : portInWords(found),
    foundAt: row.found_at,
    differences:
      wanted === null
        ? []
        : found === null
          ? row.found_at === null
            ? []
            : [{ what: 'port', wanted: portInWords(wanted), found: 'the switch has no such port' }]
          : differencesOf(wanted, found),
  };
}

/** A switch for others. */
export function summaryOf(row: SwitchRow, drivers: SwitchDrivers): SwitchSummary {
  return {
    id: row.id,
    name: row.name,
    driver: row.platform === null ? row.driver : `${row.driver} ${row.platform}`,
    physicalNetwork: row.physical_network,
    abilities: abilitiesOf(drivers, row),
    state: row.enabled ? row.state : 'off',
    error: row.error,
  };
}
