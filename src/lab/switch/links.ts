import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '#kernel/clock';
import { gone, startBound } from '../bound.ts';

/** In `external_ids` of an interface that is shut: Open vSwitch itself cannot shut one. */
export const SHUT = 'ingot-shut';
/** As long as two ends take to agree on a link again; a shorter cut would not be seen everywhere. */
const NEGOTIATION_MS = 1_000;

/** Told of the link of an interface of the switch. */
export type OnLink = (ifname: string, up: boolean) => void;

/**
 * The links of a switch that is Open vSwitch: a port that somebody marks as shut loses its link, as at a switch that
 * shuts ports, and has it again a second after it was opened.
 */
export class SwitchLinks {
  readonly #clock: Clock;
  readonly #onLink: OnLink;
  readonly #child: ChildProcess;
  /** When the link of a shut port went; ports that are open are not in it. */
  readonly #since = new Map<string, number>();
  readonly #coming = new Map<string, () => void>();

  constructor(ovsdb: string, onLink: OnLink, clock: Clock) {
    this.#clock = clock;
    this.#onLink = onLink;
    const args = ['--format=json', 'monitor', ovsdb, 'Open_vSwitch', 'Interface', 'name,external_ids'];
    this.#child = startBound('ovsdb-client', args, 'openvswitch-switch', { stdout: 'pipe' });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      for (const { name, shut } of rowsOf(line)) this.#take(name, shut);
    });
  }

  async stop(): Promise<void> {
    for (const cancel of this.#coming.values()) cancel();
    this.#child.kill('SIGTERM');
    await gone(this.#child, 3_000, this.#clock);
  }

  #take(name: string, shut: boolean): void {
    this.#coming.get(name)?.();
    this.#coming.delete(name);
    const since = this.#since.get(name);
    if (shut) {
      if (since !== undefined) return;
      this.#since.set(name, this.#clock.monotonic());
      this.#onLink(name, false);
    } else if (since !== undefined) {
      const left = Math.max(0, since + NEGOTIATION_MS - this.#clock.monotonic());
      const come = () => {
        this.#coming.delete(name);
        this.#since.delete(name);
        this.#onLink(name, true);
      };
      this.#coming.set(name, this.#clock.after(left, come));
    }
  }
}

/** What `ovsdb-client monitor` says in a line: a table of rows, those of before among them. */
function rowsOf(line: string): { name: string; shut: boolean }[] {
  let table: { headings?: string[]; data?: unknown[][] };
  try {
    table = JSON.parse(line) as typeof table;
  } catch {
    return [];
  }
  const at = (heading: string) => table.headings?.indexOf(heading) ?? -1;
  const [action, name, ids] = [at('action'), at('name'), at('external_ids')];
  const rows = (table.data ?? []).filter((row) => row[action] !== 'old' && row[action] !== 'delete');
  return rows.flatMap((row) => (typeof row[name] === 'string' ? [{ name: row[name], shut: isShut(row[ids]) }] : []));
}

/** OVSDB writes a map as ["map", [[key, value], ...]]. */
const isShut = (map: unknown): boolean =>
  Array.isArray(map) &&
  Array.isArray(map[1]) &&
  (map[1] as unknown[]).some((pair) => Array.isArray(pair) && pair[0] === SHUT && pair[1] === 'true');
