import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock';
import type { BmcAccess } from '#protocols/bmc-http/access';
import { BmcHttp } from '#protocols/bmc-http/client';
import { RedfishClient, type Resource } from '#protocols/redfish/client';

/** A BMC nobody asked for so long loses its session and connections. Milliseconds. */
const IDLE_MS = 5 * 60_000;
const LOOK_MS = 60_000;

/** One BMC we know: how to ask it, and what need not be asked again. */
export interface KnownBmc {
  readonly client: RedfishClient;
  /** Paths of systems by what driver_info says; forgotten when they answer 404. */
  readonly systems: Map<string, string>;
  /** Firmware of its first manager by what the system says it is, and when that was read. */
  readonly firmware: Map<string, { version: string | null; at: number }>;
  /** Its service root, and when that was read. */
  root?: { resource: Resource; at: number };
  /** Not switched on before that: what it was told last counts only then. Monotonic milliseconds. */
  startsFrom: number;
}

/** One client per BMC and account for the whole process, so that limits and sessions hold for all its nodes. */
export class RedfishClients {
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownBmc & { usedAt: number }>();
  #stopLooking: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(access: BmcAccess): KnownBmc {
    const key = keyOf(access);
    let known = this.#known.get(key);
    if (known === undefined) {
      const client = new RedfishClient(new BmcHttp({ access, clock: this.#clock }));
      known = { client, systems: new Map(), firmware: new Map(), startsFrom: 0, usedAt: 0 };
      this.#known.set(key, known);
      this.#stopLooking ??= this.#clock.every(LOOK_MS, () => this.#closeIdle());
    }
    known.usedAt = this.#clock.monotonic();
    return known;
  }

  /** Closes all sessions. */
  async close(): Promise<void> {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const all = [...this.#known.values()];
    this.#known.clear();
    await Promise.all(all.map((one) => one.client.http.close()));
  }

  #closeIdle(): void {
    const oldest = this.#clock.monotonic() - IDLE_MS;
    for (const [key, one] of this.#known) {
      if (one.usedAt >= oldest || one.client.http.streaming) continue;
      this.#known.delete(key);
      void one.client.http.close();
    }
  }
}

/** Names an access without holding its password. */
function keyOf(access: BmcAccess): string {
  const { password, ...rest } = access;
  const hash = createHash('sha256');
  hash.update(JSON.stringify(rest));
  hash.update(password?.reveal() ?? '');
  return hash.digest('hex');
}
