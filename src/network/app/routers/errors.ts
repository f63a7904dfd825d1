import { defineErrors } from '#kernel/errors';

/** What routers refuse, by Neutron's names. */
export const errors = defineErrors({
  BadRequest: [400, (why: string) => `Bad router request: ${why}`],
  RouterInterfaceNotFound: [
    404,
    (router: string, port: string) => `Router ${router} does not have an interface with id ${port}`,
  ],
  RouterInterfaceNotFoundForSubnet: [
    404,
    (router: string, subnet: string) => `Router ${router} has no interface on subnet ${subnet}`,
  ],
  RouterInterfaceInUseByFloatingIP: [
    409,
    (router: string, subnet: string) =>
      `Router interface for subnet ${subnet} on router ${router} cannot be deleted, as it is required by one or more floating IPs.`,
  ],
  RouterInterfaceInUseByRoute: [
    409,
    (router: string, subnet: string) =>
      `Router interface for subnet ${subnet} on router ${router} cannot be deleted, as it is required by one or more routes.`,
  ],
  RouterExternalGatewayInUseByFloatingIp: [
    409,
    (router: string, network: string) =>
      `Gateway cannot be updated for router ${router}, since a gateway to external network ${network} is required by one or more floating IPs.`,
  ],
  SubnetMismatchForPort: [
    409,
    (port: string, subnet: string) => `Subnet on port ${port} does not match the requested subnet ${subnet}`,
  ],
  InvalidRoutes: [400, (routes: string, why: string) => `Invalid format for routes: ${routes}, ${why}`],
  RoutesExhausted: [
    400,
    (router: string, most: number) => `Unable to complete operation for ${router}. More than ${most} routes`,
  ],
  PortInUse: [
    409,
    (port: string, network: string, device: string) =>
      `Unable to complete operation on port ${port} for network ${network}. Port already has an attached device ${device}.`,
  ],
  IpAddressGenerationFailure: [409, (network: string) => `No more IP addresses available on network ${network}.`],
  IpAddressAlreadyAllocated: [
    409,
    (ip: string, subnet: string) => `IP address ${ip} already allocated in subnet ${subnet}`,
  ],
});
