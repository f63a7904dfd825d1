import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { PortReport, SwitchLink, SwitchService } from '#contracts/switches';
import type { Store } from '#store/contract';
import type { SwitchDrivers } from './drivers/registry.ts';
import { errors } from './errors.ts';
import { portOf, reportOf, rulesOf, summaryOf, switchOf } from './known.ts';
import { type Place, wishesOf } from './bonds.ts';
import { checkPlan } from './model/plan.ts';
import { type PortRow, portsNamed, writeWishes } from './store/ports.ts';
import { findSwitch, listSwitches, type SwitchRow, wantReading } from './store/switches.ts';

/** The topic of the change feed: a wish, or what came of one. */
export const TOPIC = 'network.switch';
const AGAIN_MS = 500;

interface Parts {
  store: Store;
  clock: Clock;
  drivers: SwitchDrivers;
}

/** What the room's own door asks beside. */
export interface SwitchRoomService extends SwitchService {
  /** Asks whole switches now, by id. Throws `SwitchLate`. */
  readSwitches(ids: readonly string[], options: { deadlineMs: number; signal?: AbortSignal }): Promise<void>;
}

/** The switches as other services see them. All of it goes through the database: any conductor may do the work. */
export function createSwitchService(parts: Parts): SwitchRoomService {
  const { store, clock, drivers } = parts;

  const placesOf = async (links: readonly SwitchLink[]): Promise<Place[]> => {
    const rows = new Map<string, SwitchRow>();
    const places: Place[] = [];
    for (const link of links) {
      const key = `${link.switchId} ${link.switchInfo ?? ''}`;
      const row = rows.get(key) ?? (await switchOf(store, link));
      rows.set(key, row);
      places.push({ row, port: portOf(drivers, row, link.portId) });
    }
    return places;
  };

  /** Reports of places, in their order, with switches as they are now. */
  const reportsOf = async (places: readonly Place[]): Promise<{ report: PortReport; row: PortRow }[]> => {
    const rows = await portsNamed(
      store,
      places.map(({ row, port }) => ({ switchId: row.id, port })),
    );
    const byKey = new Map(rows.map((row) => [`${row.switch_id} ${row.port}`, row]));
    return places.map(({ row: of, port }) => {
      const row = byKey.get(`${of.id} ${port}`) ?? blank(of.id, port);
      return { row, report: reportOf(row, of, rulesOf(drivers, of)) };
    });
  };

  /** Waits until `done`, looking when something changed and now and then. False when the deadline came first. */
  const until = async (
    switches: ReadonlySet<string>,
    done: () => Promise<boolean>,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> => {
    const end = clock.monotonic() + deadlineMs;
    let wake: () => void = () => {};
    let woken = false;
    const stop = store.changes.subscribe(TOPIC, ({ id }) => {
      if (id !== '*' && !switches.has(id)) return;
      woken = true;
      wake();
    });
    try {
      for (;;) {
        signal?.throwIfAborted();
        woken = false;
        if (await done()) return true;
        const left = end - clock.monotonic();
        if (left <= 0) return false;
        if (woken) continue;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(Math.min(left, AGAIN_MS), resolve);
          wake = () => {
            cancel();
            resolve();
          };
          signal?.addEventListener('abort', wake, { once: true });
        });
        signal?.removeEventListener('abort', wake);
      }
    } finally {
      stop();
    }
  };

  const readSwitches: SwitchRoomService['readSwitches'] = async (ids, { deadlineMs, signal }) => {
    await store.tx(async (tx) => {
      await wantReading(tx, ids);
      for (const id of ids) tx.changed(TOPIC, id);
    });
    let late: SwitchRow | undefined;
    const done = async () => {
      const rows = await Promise.all(ids.map((id) => findSwitch(store, id)));
      late = rows.find((row) => row !== undefined && (row.read_at ?? '') < (row.read_wanted_at ?? ''));
      return late === undefined;
    };
    if (await until(new Set(ids), done, deadlineMs, signal)) return;
    const why = late?.enabled === false ? 'it is switched off here' : (late?.error ?? 'no answer yet');
    throw errors.SwitchLate(`${late?.name ?? 'a switch'} could not be read in time: ${why}`);
  };

  return {
    async applyPorts(wishes, { deadlineMs, signal }) {
      if (wishes.length === 0) return [];
      const places = await placesOf(wishes.map(({ link }) => link));
      const plans = wishes.map(({ plan }, i) => {
        const { row, port } = places[i] as Place;
        return plan === null ? null : checkPlan(port, plan, rulesOf(drivers, row));
      });
      const ids = new Set(places.map(({ row }) => row.id));
      const revisions = await store.tx(async (tx) => {
        const kept = await writeWishes(tx, await wishesOf(tx, drivers, wishes, places, plans));
        for (const id of ids) tx.changed(TOPIC, id);
        return kept;
      });
      let reports: PortReport[] = [];
      const done = async () => {
        const now = await reportsOf(places);
        reports = now.map(({ report }) => report);
        return now.every(({ row }, i) => row.done_revision >= (revisions[i] as bigint));
      };
      const inTime = await until(ids, done, deadlineMs, signal);
      const bad = reports.filter(({ state }) => state === 'failed' || state === 'pending');
      if (bad.length === 0 && inTime) return reports;
      const rows = new Map((await Promise.all([...ids].map((id) => findSwitch(store, id)))).map((r) => [r?.id, r]));
      const ports = bad.map(({ switch: { id, name }, port, state, error }) => {
        const trouble = rows.get(id);
        const off = trouble?.enabled === false ? 'it is switched off here (ingot switch set --on)' : null;
        return { switch: name, port, state, error: error?.message ?? off ?? trouble?.error ?? null };
      });
      const words = ports
        .slice(0, 8)
        .map(({ switch: name, port, error }) => `${name} ${port}: ${error ?? 'the switch has not answered yet'}`);
      if (ports.length > words.length) words.push(`and ${ports.length - words.length} ports more`);
      const why = words.join('; ');
      if (inTime) throw errors.SwitchPortsFailed(why, { details: { ports } });
      throw errors.SwitchLate(`not done within ${Math.round(deadlineMs / 100) / 10} s: ${why}`, { details: { ports } });
    },

    async readPorts(links, options) {
      if (links.length === 0) return [];
      const places = await placesOf(links);
      await readSwitches([...new Set(places.map(({ row }) => row.id))], options);
      return (await reportsOf(places)).map(({ report }) => report);
    },

    readSwitches,

    async knownPorts(links) {
      const known: (PortReport | null)[] = [];
      for (const link of links) {
        try {
          const [found] = await reportsOf(await placesOf([link]));
          known.push(
            found === undefined || (found.report.foundAt === null && found.row.revision === 0n) ? null : found.report,
          );
        } catch (error) {
          if (!(error instanceof IngotError) || !['SwitchUnknown', 'SwitchBadPort'].includes(error.code)) throw error;
          known.push(null);
        }
      }
      return known;
    },

    async findSwitch({ switchId, switchInfo }) {
      const row =
        (await findSwitch(store, switchId)) ??
        (switchInfo === undefined ? undefined : await findSwitch(store, switchInfo));
      return row === undefined ? null : summaryOf(row, drivers);
    },

    listSwitches: async () => (await listSwitches(store)).map((row) => summaryOf(row, drivers)),
  };
}

const blank = (switchId: string, port: string): PortRow => ({
  switch_id: switchId,
  port,
  plan: null,
  owner: null,
  lag_key: null,
  lag_group: null,
  revision: 0n,
  done_revision: 0n,
  outcome: null,
  error_code: null,
  error: null,
  found: null,
  found_at: null,
  drift_since: null,
});
