import type { ChangeSet, LagChange, PortChange, SwitchReading } from '../drivers/contract.ts';
import type { PortConfig } from './config.ts';

/** What has to be done on a switch that reads so, for these ports to be as they shall. */
export function changesOf(reading: SwitchReading, ports: readonly PortChange[], parkingVlan: number): ChangeSet {
  const needed = new Set<number>();
  const groups = new Set<number>();
  for (const { from, to } of ports) {
    if (to.untagged !== null) needed.add(to.untagged);
    else needed.add(parkingVlan);
    if (to.tagged !== 'all') for (const vlan of to.tagged) needed.add(vlan);
    for (const lag of [from.lag, to.lag]) if (lag !== null) groups.add(lag.group);
  }
  const vlans = reading.vlans === null ? [] : [...needed].filter((vlan) => reading.vlans?.has(vlan) === false);
  return {
    vlans: vlans.sort((a, b) => a - b),
    lags: [...groups].sort((a, b) => a - b).map((group) => lagChange(group, reading, ports)),
    ports,
  };
}

function lagChange(group: number, reading: SwitchReading, changes: readonly PortChange[]): LagChange {
  const was = new Map<string, PortConfig>();
  for (const [port, config] of reading.ports) if (config.lag?.group === group) was.set(port, config);
  const shall = new Map(was);
  let config: PortConfig | undefined;
  for (const { port, to } of changes) {
    if (to.lag?.group !== group) shall.delete(port);
    else {
      shall.set(port, to);
      config = to;
    }
  }
  const first = was.values().next().value;
  config ??= shall.values().next().value;
  return {
    group,
    from: first?.lag == null ? null : { lag: first.lag, members: [...was.keys()] },
    to: config?.lag == null || shall.size === 0 ? null : { lag: config.lag, members: [...shall.keys()], config },
  };
}
