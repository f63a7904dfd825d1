import { defineErrors } from '#kernel/errors';

/** What trunks refuse, by Neutron's names. */
export const errors = defineErrors({
  SubPortNotFound: [
    404,
    (trunk: string, port: string) => `SubPort on trunk ${trunk} with parent port ${port} could not be found.`,
  ],
  SubPortInvalid: [400, (why: string) => `Invalid input for operation: ${why}.`],
  DuplicateSubPort: [
    409,
    (vlan: number, trunk: string) =>
      `segmentation_type vlan and segmentation_id ${vlan} already in use on trunk ${trunk}.`,
  ],
  ParentPortInUse: [
    409,
    (port: string) => `Port ${port} is currently in use and is not eligible for use as a parent port.`,
  ],
  PortInUseAsTrunkParent: [
    409,
    (port: string, trunk: string) => `Port ${port} is currently a parent port for trunk ${trunk}.`,
  ],
  PortInUseAsSubPort: [409, (port: string, trunk: string) => `Port ${port} is currently a subport for trunk ${trunk}.`],
  PortInUse: [
    409,
    (port: string, device: string) =>
      `Unable to complete operation on port ${port}. Port already has an attached device ${device}.`,
  ],
  TrunkDisabled: [409, (id: string) => `Trunk ${id} is currently disabled.`],
  SubPortMtuGreaterThanTrunkPortMtu: [
    409,
    (port: string, mtu: number, trunk: string, parent: number) =>
      `MTU ${mtu} of subport ${port} cannot be greater than trunk ${trunk} MTU of ${parent}.`,
  ],
});
