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

/**
 * All machines stand on one network for every phase, so that a flip moves nothing. VIFs are kept with the
 * ports by the API; binding them is for the network service, when one is plugged in.
 */
export const flatNetwork: NetworkInterface = {
  name: 'flat',
  properties: {},
  validate: () => {},
  storesVifs: true,
  flip: async () => {},
  attachVif: async () => {},
  detachVif: async () => {},
};
