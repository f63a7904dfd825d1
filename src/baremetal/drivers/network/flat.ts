import type { Plug } from '#contracts/network';
import { IngotError } from '#kernel/errors';
import type { DriverCall, NetworkInterface } from '../contract.ts';
import type { NetworkContext } from './context.ts';
import { identityOf } from './neutron.ts';
import { tenantPlugs } from './plugs.ts';

/**
 * All machines stand on one network for every phase, so that no switch port is moved. VIFs are kept with the ports by
 * the API, and bound in the network service where it knows them, so that it answers their DHCP.
 */
export function flatNetwork({ networks, records }: NetworkContext): NetworkInterface {
  const known = async (plug: Plug, signal: AbortSignal): Promise<boolean> => {
    try {
      if (plug.kind === 'vif') await networks?.vif(plug.vif, signal);
      return true;
    } catch (error) {
      if (error instanceof IngotError && error.code === 'VifUnknown') return false;
      throw error;
    }
  };
  const bind = async (call: DriverCall, wanted: (vif: string) => boolean) => {
    if (networks === undefined) return;
    const plugs: Plug[] = [];
    for (const plug of tenantPlugs(await records.places(call.node.uuid), false)) {
      if (plug.kind === 'vif' && wanted(plug.vif) && (await known(plug, call.signal))) plugs.push(plug);
    }
    const options = { signal: call.signal, assertMayWrite: () => call.assertMayWrite() };
    await networks.connect(identityOf(call.node, []), plugs, options);
  };
  return {
    name: 'flat',
    properties: {},
    validate: () => {},
    storesVifs: true,
    async flip(call, to) {
      if (to === 'tenant') await bind(call, () => true);
      else if (to === 'nothing') await bind(call, () => false);
    },
    attachVif: (call) => bind(call, () => true),
    detachVif: (call, vifId) => bind(call, (vif) => vif !== vifId),
  };
}
