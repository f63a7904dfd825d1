import type { PortPlan, PortReport, PortWish, SwitchLink, SwitchService, SwitchSummary } from '#contracts/switches';
import { IngotError } from '#kernel/errors';

export const ABLE = { lag: true, mlag: true, mtu: true, edge: true, storm: true, acl: ['in', 'out'] } as const;

/** Switches that are a table in memory: they do what they are asked, or refuse when a test says so. */
export class SimulatedSwitches implements SwitchService {
  readonly switches: SwitchSummary[];
  /** `switch|port` → what it carries. */
  readonly plans = new Map<string, PortPlan>();
  /** Every plan a port got, in order: `mode` or `mode vlan`. */
  readonly said = new Map<string, string[]>();
  /** Ports that refuse, with the error they give. */
  readonly broken = new Map<string, string>();
  /** Applies, so far. */
  applied = 0;

  constructor(names: Record<string, string | null>) {
    this.switches = Object.entries(names).map(([id, physicalNetwork]) => ({
      id,
      name: id,
      driver: 'simulated',
      physicalNetwork,
      abilities: ABLE,
      state: 'ok',
      error: null,
    }));
  }

  async applyPorts(wishes: readonly PortWish[]): Promise<PortReport[]> {
    this.applied++;
    for (const { link, plan } of wishes) {
      const key = keyOf(link);
      const why = this.broken.get(key);
      // Shutting a port works on the worst of days: what a test breaks is opening it.
      if (why !== undefined && plan !== null && plan.vlans.mode !== 'nothing') {
        throw new IngotError('SwitchPortsFailed', 502, why, { details: { ports: [] } });
      }
    }
    for (const { link, plan } of wishes) {
      const key = keyOf(link);
      const text = plan === null ? 'left' : wordsOf(plan);
      const said = this.said.get(key) ?? [];
      if (said.at(-1) !== text) this.said.set(key, [...said, text]);
      if (plan === null) this.plans.delete(key);
      else this.plans.set(key, plan);
    }
    return this.#reports(wishes.map(({ link }) => link)) as PortReport[];
  }

  async readPorts(links: readonly SwitchLink[]): Promise<PortReport[]> {
    return this.#reports(links) as PortReport[];
  }

  async knownPorts(links: readonly SwitchLink[]): Promise<(PortReport | null)[]> {
    return this.#reports(links);
  }

  async findSwitch({ switchId }: Pick<SwitchLink, 'switchId'>): Promise<SwitchSummary | null> {
    return this.switches.find(({ id }) => id === switchId) ?? null;
  }

  async listSwitches(): Promise<SwitchSummary[]> {
    return this.switches;
  }

  #reports(links: readonly SwitchLink[]): (PortReport | null)[] {
    return links.map((link) => {
      const plan = this.plans.get(keyOf(link));
      if (plan === undefined) return null;
      return {
        switch: { id: link.switchId, name: link.switchId },
        port: link.portId,
        plan,
        owner: null,
        state: 'applied',
        error: null,
        found: wordsOf(plan),
        foundAt: null,
        differences: [],
      };
    });
  }
}

export const keyOf = ({ switchId, portId }: SwitchLink): string => `${switchId}|${portId}`;

export function wordsOf({ vlans }: PortPlan): string {
  if (vlans.mode === 'nothing') return 'nothing';
  if (vlans.mode === 'access') return `access ${vlans.vlan}`;
  return `trunk ${vlans.native ?? '-'}+${vlans.allowed.join('+')}`;
}
