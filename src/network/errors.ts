import { defineErrors } from '#kernel/errors';

/** What can go wrong in the room of networks, outside its API. */
export const errors = defineErrors({
  OvnMissing: [
    500,
    (file: string) =>
      `OVN is not installed (${file} is not there): apt install openvswitch-switch ovn-central ovn-host`,
  ],
  OvnElsewhere: [
    500,
    (pid: string) => `an Open vSwitch (pid ${pid}) runs here already; set network.ovn = "join" and name its OVN`,
  ],
  OvnNoStart: [500, (why: string) => `OVN does not start: ${why}`],
  NetworkUnknown: [400, (ident: string, why: string) => `Network ${ident} ${why}`],
  VifUnknown: [400, (vif: string) => `VIF ${vif} is no port of the network service`],
  /** What a machine asks of a network cannot be; nothing was changed. */
  VifCannot: [409, (vif: string, why: string) => `Port ${vif} cannot be bound: ${why}`],
  /** The machine is on no network now, or on its way there. */
  NetworkFlipFailed: [
    502,
    (machine: string, step: string, why: string) =>
      `The networks of machine ${machine} could not be changed (${step}): ${why}`,
  ],
  LaterOwner: [409, (machine: string) => `Another conductor acts on the networks of machine ${machine} now`],
  CableTaken: [
    409,
    (link: string, machine: string) =>
      `switch port ${link} is that of machine ${machine}: one of the two has a wrong local_link_connection`,
  ],
  VlanTaken: [
    500,
    (name: string, vlan: string, by: string) =>
      `network.service_networks: ${name} cannot be VLAN ${vlan}: that is network ${by}`,
  ],
});
