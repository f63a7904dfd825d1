import type { NetworkInterface } from '../contract.ts';

/** The network is somebody else's: it takes any VIF and keeps none. */
export const noopNetwork: NetworkInterface = {
  name: 'noop',
  properties: {},
  validate: () => {},
  storesVifs: false,
  flip: async () => {},
  attachVif: async () => {},
  detachVif: async () => {},
};
