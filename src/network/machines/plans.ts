import type { CableEnd } from '#contracts/network';
import type { AclPlan, LagPlan, PortPlan, SwitchAbilities, VlanPlan } from '#contracts/switches';
import { type BoundPort, linkKey } from './bound.ts';

// What the switch ports of a machine shall carry, from what is bound to it. Pure.

/** VLANs that stand for flat networks, by physical network. */
export type FlatVlans = ReadonlyMap<string, number>;

/** A plan, or what makes one impossible. */
export type PlanResult = { plan: PortPlan } | { why: string };

export interface PlanParts {
  machine: string;
  /** Everything bound to the machine. */
  ports: readonly BoundPort[];
  flatVlans: FlatVlans;
  /** What the switch can be asked for. */
  abilities: SwitchAbilities;
  acl(port: BoundPort, abilities: SwitchAbilities): AclPlan;
}

const NOTHING = { mode: 'nothing' } as const;

/** What one switch port shall carry: nothing, unless exactly one port is bound by it. */
export function planLink(link: CableEnd, parts: PlanParts): PlanResult {
  const { machine, ports, flatVlans, abilities } = parts;
  const key = linkKey(link);
  const here = ports.filter((port) => port.adminUp && port.links.some((one) => linkKey(one) === key));
  const edge = abilities.edge ? { edge: true } : {};
  const [port, second] = here;
  // Of who was there before, nothing is left.
  const open = abilities.acl.length === 0 ? {} : { acl: { in: null, out: null } };
  if (port === undefined) {
    return { plan: { vlans: NOTHING, lag: null, ...edge, ...open, description: `ingot:${machine}` } };
  }
  if (second !== undefined) return { why: `ports ${port.id} and ${second.id} are both bound by it` };
  const vlans = vlansOf(port, flatVlans);
  if ('why' in vlans) return vlans;
  const acl = abilities.acl.length === 0 ? {} : { acl: parts.acl(port, abilities) };
  // Ramdisks of different machines have nothing to say to one another.
  const isolated = abilities.isolation === true && port.purpose !== null ? { isolated: true } : {};
  const description = `ingot:${machine}:${port.purpose ?? port.networkId.slice(0, 8)}`;
  return { plan: { vlans: vlans.plan, lag: lagOf(port), ...edge, ...isolated, ...acl, description } };
}

function vlansOf(port: BoundPort, flatVlans: FlatVlans): { plan: VlanPlan } | { why: string } {
  const native = vlanOf(port.segment, flatVlans);
  if (typeof native === 'string') return { why: `port ${port.id}: ${native}` };
  if (port.subports.length === 0) return { plan: { mode: 'access', vlan: native } };
  const tagged = new Set<number>();
  for (const sub of port.subports) {
    const vlan = vlanOf(sub.segment, flatVlans);
    if (typeof vlan === 'string') return { why: `subport ${sub.portId}: ${vlan}` };
    if (!sub.inherits && vlan !== sub.tag) {
      return {
        why:
          `subport ${sub.portId}: the machine sends tag ${sub.tag}, its network is VLAN ${vlan} on the switch, and ` +
          'switches translate no tags; use that tag, or segmentation_type inherit',
      };
    }
    if (vlan === native || tagged.has(vlan)) return { why: `subport ${sub.portId}: VLAN ${vlan} is on the port twice` };
    tagged.add(vlan);
  }
  return { plan: { mode: 'trunk', native, allowed: [...tagged].sort((a, b) => a - b) } };
}

function vlanOf(segment: BoundPort['segment'], flatVlans: FlatVlans): number | string {
  if (segment === null) return 'it is bound to no segment';
  if (segment.segmentationId !== null && segment.type === 'vlan') return segment.segmentationId;
  const flat = flatVlans.get(segment.physicalNetwork ?? '');
  if (segment.type === 'flat' && flat !== undefined) return flat;
  return segment.type === 'flat'
    ? `its network is flat, and network.flat_vlans says no VLAN for ${segment.physicalNetwork}`
    : `a segment of type ${segment.type} reaches no switch`;
}

/** Bonds of Ironic's modes that the switch has to know of; the others need nothing of it. */
const BUNDLED: Readonly<Record<string, LagPlan['mode']>> = {
  '802.3ad': 'lacp',
  '4': 'lacp',
  'balance-rr': 'static',
  '0': 'static',
  'balance-xor': 'static',
  '2': 'static',
};

function lagOf(port: BoundPort): LagPlan | null {
  const { bond, links } = port;
  const mode = bond === null ? undefined : BUNDLED[bond.mode.toLowerCase()];
  if (bond === null || mode === undefined || links.length < 2) return null;
  const switches = new Set(links.map(({ switchId }) => switchId));
  return { key: bond.id, mode, ...(switches.size > 1 ? { mlag: true } : {}) };
}
