import type { BootMethod } from '#contracts/boot';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall } from '../contract.ts';
import { type BootContext, publishFor } from './request.ts';

/** One way to bring the ramdisk to a machine: what is offered, and what its BMC is told. */
export interface BootPath {
  method: BootMethod;
  /** Offers the boot and tells the BMC. Throws the reason when either cannot be. */
  prepare(context: BootContext, call: DriverCall, parameters: Document): Promise<void>;
  /** Takes back what the BMC was told. Idempotent. */
  cleanUp(call: DriverCall): Promise<void>;
}

const nothing = async () => {};

/** Its own PXE ROM: iPXE, and over HTTP from there. */
export const ipxePath: BootPath = {
  method: 'ipxe',
  async prepare(context, call, parameters) {
    await publishFor(context, call, 'ipxe', parameters);
    await call.interfaces.management.setBootDevice(call, 'pxe', false);
  },
  cleanUp: nothing,
};

/** PXELINUX or shim and GRUB over TFTP. */
export const pxePath: BootPath = {
  method: 'pxe',
  async prepare(context, call, parameters) {
    await publishFor(context, call, 'pxe', parameters);
    await call.interfaces.management.setBootDevice(call, 'pxe', false);
  },
  cleanUp: nothing,
};

/** UEFI HTTP boot of what DHCP offers. */
export const httpPath = (loader: 'ipxe' | 'grub' | undefined): BootPath => ({
  method: 'uefi-http',
  async prepare(context, call, parameters) {
    const { management } = call.interfaces;
    const ticket = await publishFor(context, call, 'uefi-http', parameters, loader);
    if (management.setHttpBoot !== undefined && ticket.httpBootUrl !== undefined && loader === undefined)
      await management.setHttpBoot(call, ticket.httpBootUrl);
    else await management.setBootDevice(call, 'uefihttp', false);
  },
  cleanUp: nothing,
});

/** UEFI HTTP boot of a URL that the BMC is told: no DHCP option is needed for it. */
export const redfishHttpPath: BootPath = {
  method: 'uefi-http',
  async prepare(context, call, parameters) {
    const { management } = call.interfaces;
    if (management.setHttpBoot === undefined)
      throw errors.InvalidParameterValue(`The management interface ${management.name} cannot set a URL to boot from.`);
    const ticket = await publishFor(context, call, 'uefi-http', parameters);
    await management.setHttpBoot(call, ticket.httpBootUrl ?? '');
  },
  cleanUp: nothing,
};

/** A medium the BMC shows to the machine as a drive; the machine needs no DHCP for it. */
export const virtualMediaPath: BootPath = {
  method: 'virtual-media',
  async prepare(context, call, parameters) {
    const { management } = call.interfaces;
    if (management.virtualMedia === undefined)
      throw errors.InvalidParameterValue(`The management interface ${management.name} has no virtual media.`);
    const ticket = await publishFor(context, call, 'virtual-media', parameters);
    await management.virtualMedia.insert(call, 'cdrom', ticket.isoUrl ?? '');
    await management.setBootDevice(call, 'cdrom', false);
  },
  async cleanUp(call) {
    await call.interfaces.management.virtualMedia?.eject(call, ['cdrom']);
  },
};
