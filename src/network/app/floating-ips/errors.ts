import { defineErrors } from '#kernel/errors';

/** What floating IPs and forwarded ports refuse, by Neutron's names. */
export const errors = defineErrors({
  BadRequest: [400, (why: string) => `Bad floatingip request: ${why}`],
  ExternalGatewayForFloatingIPNotFound: [
    404,
    (subnet: string, network: string, port: string) =>
      `External network ${network} is not reachable from subnet ${subnet}.  Therefore, cannot associate Port ${port} with a Floating IP.`,
  ],
  FloatingIPPortAlreadyAssociated: [
    409,
    (ip: string, id: string, port: string, fixed: string) =>
      `Cannot associate floating IP ${ip} (${id}) with port ${port} using fixed IP ${fixed}, as that fixed IP already has a floating IP or a forwarded port.`,
  ],
  FipInUseByPortForwarding: [409, (id: string) => `Floating IP ${id} in use by Port Forwarding resources.`],
  IpAddressGenerationFailure: [409, (network: string) => `No more IP addresses available on network ${network}.`],
  IpAddressAlreadyAllocated: [
    409,
    (ip: string, network: string) => `IP address ${ip} already allocated in network ${network}`,
  ],
  PortForwardingBadRequest: [400, (why: string) => `Bad port_forwarding request: ${why}`],
  PortHasFloatingIP: [
    409,
    (id: string) => `Floating IP ${id} leads to a port already, so none of its ports can be forwarded elsewhere.`,
  ],
});
