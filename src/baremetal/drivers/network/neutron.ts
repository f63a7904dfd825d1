import type { MachineIdentity, MachineNetworks, Plug, ServicePurpose } from '#contracts/network';
import { errors } from '../../errors.ts';
import type { NetworkPlace } from '../../model/network-records.ts';
import type { Node } from '../../model/node.ts';
import type { DriverCall, NetworkInterface } from '../contract.ts';
import { NETWORK_KEYS, type NetworkContext } from './context.ts';
import { cablesOf, isCabled, servicePlugs, tenantPlugs } from './plugs.ts';

const PROPERTIES = Object.fromEntries(
  Object.entries(NETWORK_KEYS).map(([purpose, key]) => [
    key,
    `UUID or name of the network this node is on while it is in the hands of ${purpose}, in place of the configured one. Optional.`,
  ]),
);

/** The network service. Throws 400 with what to do where there is none. */
export function networksOf({ networks }: NetworkContext): MachineNetworks {
  if (networks !== undefined) return networks;
  throw errors.InvalidParameterValue(
    'The network interface "neutron" needs a network service, and this deployment has none; see network.service.',
  );
}

/** The machine, as a network service is told of it. */
export const identityOf = (node: Node, cables: MachineIdentity['cables']): MachineIdentity => ({
  uuid: node.uuid,
  instanceUuid: node.instanceUuid,
  fence: node.fence,
  cables,
});

/**
 * The machine's switch ports are moved: it is on the network of the operation at hand, then on its tenant's, and on
 * none in between. Every flip says all that shall be connected, so that one which was cut short is made good by the
 * next, whoever makes it.
 */
export function neutronNetwork(context: NetworkContext): NetworkInterface {
  const { records, config } = context;
  const connect = (call: DriverCall, places: readonly NetworkPlace[], plugs: readonly Plug[]) =>
    networksOf(context).connect(identityOf(call.node, cablesOf(places)), plugs, {
      signal: call.signal,
      assertMayWrite: () => call.assertMayWrite(),
    });

  const networkFor = async (node: Node, purpose: ServicePurpose, signal: AbortSignal) => {
    const own = node.driverInfo[NETWORK_KEYS[purpose]];
    const ident = typeof own === 'string' && own !== '' ? own : config.networks[purpose];
    if (ident === null) {
      throw errors.MissingParameterValue(
        `Node ${node.uuid} has no network for ${purpose}: set network.${NETWORK_KEYS[purpose]}, or driver_info.${NETWORK_KEYS[purpose]}.`,
      );
    }
    return (await networksOf(context).network(ident, signal)).id;
  };

  const toService = async (call: DriverCall, purpose: ServicePurpose) => {
    const { node } = call;
    const network = await networkFor(node, purpose, call.signal);
    const places = await records.places(node.uuid);
    const securityGroups = config.securityGroups[purpose];
    const plugs = servicePlugs(places, { purpose, network, securityGroups, allPorts: config.allPorts });
    if (plugs.length === 0) throw errors.InvalidParameterValue(whyNoPort(node, places));
    const now = await connect(call, places, plugs);
    const made = now.flatMap(({ kind, vif, place }) =>
      kind === 'service' && place !== null ? [[place, vif] as const] : [],
    );
    await records.noteServicePorts(node.uuid, purpose, new Map(made));
  };

  const toNothing = async (call: DriverCall) => {
    await connect(call, await records.places(call.node.uuid), []);
    await records.noteServicePorts(call.node.uuid, null, new Map());
  };

  const toTenant = async (call: DriverCall) => {
    const places = await records.places(call.node.uuid);
    const plugs = tenantPlugs(places, true);
    if (plugs.length === 0) {
      throw errors.InvalidParameterValue(
        `No neutron ports or portgroups are associated with node ${call.node.uuid}: attach a VIF to it before it is deployed.`,
      );
    }
    try {
      await connect(call, places, plugs);
    } catch (error) {
      // Some of its networks may be connected since an earlier attempt: all or none.
      call.assertMayWrite();
      await connect(call, places, []).catch(() => {});
      throw error;
    }
    await records.noteServicePorts(call.node.uuid, null, new Map());
  };

  return {
    name: 'neutron',
    properties: PROPERTIES,
    storesVifs: true,
    movesPorts: true,
    async cutsLinks(call) {
      const cables = cablesOf(await records.places(call.node.uuid));
      return cables.length > 0 && (await networksOf(context).cutsLinks?.(cables)) === true;
    },
    async validate(node) {
      const signal = AbortSignal.timeout(VALIDATE_MS);
      await networkFor(node, 'cleaning', signal);
      await networkFor(node, 'provisioning', signal);
      const places = await records.places(node.uuid);
      if (!places.some((place) => place.kind === 'port' && (config.allPorts || place.pxe) && isCabled(place))) {
        throw errors.InvalidParameterValue(whyNoPort(node, places));
      }
    },
    async flip(call, to) {
      if (to === 'tenant') await toTenant(call);
      else if (to === 'nothing') await toNothing(call);
      else await toService(call, to);
    },
    // The API has kept the VIF with its port: what is connected follows from that.
    async attachVif(call) {
      const places = await records.places(call.node.uuid);
      await connect(call, places, tenantPlugs(places, true));
    },
    async detachVif(call, vifId) {
      const places = await records.places(call.node.uuid);
      const plugs = tenantPlugs(places, true).filter((plug) => plug.kind !== 'vif' || plug.vif !== vifId);
      await connect(call, places, plugs);
    },
  };
}

/** A network service that hangs holds up no one who only asks whether a node will do. */
const VALIDATE_MS = 20_000;

function whyNoPort(node: Node, places: readonly NetworkPlace[]): string {
  const ports = places.filter((place) => place.kind === 'port');
  if (ports.length === 0) return `Node ${node.uuid} has no ports.`;
  if (!ports.some((port) => port.pxe)) return `Node ${node.uuid} has no port that boots (pxe_enabled).`;
  return (
    `No port of node ${node.uuid} that boots says where its cable ends: set local_link_connection (switch_id, port_id), ` +
    'let an inspection find it by LLDP, or say network_type=unmanaged where no switch is to be moved.'
  );
}
