import type { PortPlan, PortWish } from '#contracts/switches';
import type { Reader, Tx } from '#store/contract';
import type { SwitchDrivers } from './drivers/registry.ts';
import { errors } from './errors.ts';
import { driverOf } from './known.ts';
import { bondNumbers, portsOf, type Wish } from './store/ports.ts';
import type { SwitchRow } from './store/switches.ts';

/** Any number nobody else uses: who gives numbers to bonds, does it alone. */
const NUMBERS_LOCK = 77;

/** A port on its switch. */
export interface Place {
  row: SwitchRow;
  port: string;
}

/**
 * Wishes as they are kept: bonds have numbers. A bond keeps the number it has; one over two switches has the same on
 * both. Throws `SwitchBadPlan` when ports of one bond are told different things, or no number is free.
 */
export async function wishesOf(
  tx: Tx,
  drivers: SwitchDrivers,
  wishes: readonly PortWish[],
  places: readonly Place[],
  plans: readonly (PortPlan | null)[],
): Promise<Wish[]> {
  const bonds = new Map<string, Map<string, SwitchRow>>();
  for (const [i, plan] of plans.entries()) {
    if (plan?.lag == null) continue;
    const { row } = places[i] as Place;
    const on = bonds.get(plan.lag.key) ?? new Map<string, SwitchRow>();
    bonds.set(plan.lag.key, on.set(row.id, row));
  }
  const groups = bonds.size === 0 ? new Map<string, number>() : await numbersOf(tx, drivers, bonds);
  if (bonds.size > 0) await refuseTornBonds(tx, places, plans);
  return wishes.map(({ owner }, i) => {
    const { row, port } = places[i] as Place;
    const plan = plans[i] ?? null;
    const key = plan?.lag?.key ?? null;
    return {
      switchId: row.id,
      port,
      plan: plan === null ? null : JSON.stringify(plan),
      owner,
      lagKey: key,
      lagGroup: key === null ? null : (groups.get(`${row.id} ${key}`) ?? null),
    };
  });
}

async function numbersOf(
  tx: Tx,
  drivers: SwitchDrivers,
  bonds: ReadonlyMap<string, ReadonlyMap<string, SwitchRow>>,
): Promise<Map<string, number>> {
  const chosen = new Map<string, number>();
  await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [NUMBERS_LOCK] });
  const { taken, known } = await bondNumbers(tx, [...bonds.keys()]);
  for (const [key, on] of bonds) {
    const had = known.get(key) ?? [];
    const free = (n: number) =>
      [...on.keys()].every(
        (id) => !(taken.get(id)?.has(n) ?? false) || had.some((one) => one.switchId === id && one.group === n),
      );
    let number = had.map(({ group }) => group).find(free);
    const ranges = [...on.values()].map((row) => rangeOf(drivers, row));
    const first = Math.max(...ranges.map(([low]) => low));
    const last = Math.min(...ranges.map(([, high]) => high));
    for (let n = first; n <= last && number === undefined; n++) if (free(n)) number = n;
    if (number === undefined) {
      const names = [...on.values()].map(({ name }) => name).join(' and ');
      throw errors.SwitchBadPlan(names, 'no number for another bond is free; widen the option lag_range');
    }
    for (const id of on.keys()) {
      chosen.set(`${id} ${key}`, number);
      taken.set(id, (taken.get(id) ?? new Set()).add(number));
    }
  }
  return chosen;
}

function rangeOf(drivers: SwitchDrivers, row: SwitchRow): readonly [number, number] {
  const said = (JSON.parse(row.options) as Record<string, string>)['lag_range'] ?? '';
  const range = /^(\d{1,4})-(\d{1,4})$/.exec(said);
  return range === null ? driverOf(drivers, row).lagRange : [Number(range[1]), Number(range[2])];
}

/** Members of a bond carry the same, those that are not in this call as well. */
async function refuseTornBonds(
  reader: Reader,
  places: readonly Place[],
  plans: readonly (PortPlan | null)[],
): Promise<void> {
  const said = new Map<string, string>();
  const check = (key: string, place: string, plan: PortPlan) => {
    const text = JSON.stringify([plan.vlans, plan.lag, plan.enabled, plan.mtu ?? null]);
    if ((said.get(key) ?? text) !== text) {
      const why = 'the other ports of its bond are told otherwise; give all of them the same plan at once';
      throw errors.SwitchBadPlan(place, why);
    }
    said.set(key, text);
  };
  const inCall = new Set(places.map(({ row, port }) => `${row.id} ${port}`));
  const switches = new Map<string, SwitchRow>();
  for (const [i, plan] of plans.entries()) {
    if (plan?.lag == null) continue;
    const { row, port } = places[i] as Place;
    switches.set(row.id, row);
    check(plan.lag.key, `${row.name} ${port}`, plan);
  }
  for (const { id, name } of switches.values()) {
    for (const other of await portsOf(reader, id)) {
      if (other.lag_key === null || other.plan === null || !said.has(other.lag_key)) continue;
      if (inCall.has(`${id} ${other.port}`)) continue;
      check(other.lag_key, `${name} ${other.port}`, JSON.parse(other.plan) as PortPlan);
    }
  }
}
