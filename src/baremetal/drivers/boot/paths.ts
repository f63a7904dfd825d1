import type { BootMethod, BootPayload } from '#contracts/boot';
import { errors } from '../../errors.ts';
import type { DriverCall } from '../contract.ts';
import { type BootContext, publishFor } from './request.ts';

/** What is to be booted, and for how long that holds. */
export interface BootWish {
  payload: BootPayload;
  /** Each start of the machine, or the next only. */
  persistent: boolean;
}

/** One way to bring something to a machine: what is offered, and what its BMC is told. */
export interface BootPath {
  method: BootMethod;
  /** Offers the boot and tells the BMC. Throws the reason when either cannot be. */
  prepare(context: BootContext, call: DriverCall, wish: BootWish): Promise<void>;
  /** Takes back what the BMC was told. Idempotent. */
  cleanUp(call: DriverCall): Promise<void>;
}

const nothing = async () => {};

/** Its own PXE ROM: iPXE, and over HTTP from there. */
export const ipxePath: BootPath = {
  method: 'ipxe',
  async prepare(context, call, { payload, persistent }) {
    await publishFor(context, call, 'ipxe', payload);
    await call.interfaces.management.setBootDevice(call, 'pxe', persistent);
  },
  cleanUp: nothing,
};

/** PXELINUX or shim and GRUB over TFTP. */
export const pxePath: BootPath = {
  method: 'pxe',
  async prepare(context, call, { payload, persistent }) {
    await publishFor(context, call, 'pxe', payload);
    await call.interfaces.management.setBootDevice(call, 'pxe', persistent);
  },
  cleanUp: nothing,
};

/** UEFI HTTP boot of what DHCP offers. */
export const httpPath = (loader: 'ipxe' | 'grub' | undefined): BootPath => ({
  method: 'uefi-http',
  async prepare(context, call, { payload, persistent }) {
    const { management } = call.interfaces;
    const ticket = await publishFor(context, call, 'uefi-http', payload, loader);
    const byUrl = management.setHttpBoot !== undefined && ticket.httpBootUrl !== undefined && loader === undefined;
    // A URL that the BMC is told holds for one start.
    if (byUrl && !persistent) await management.setHttpBoot?.(call, ticket.httpBootUrl ?? '');
    else await management.setBootDevice(call, 'uefihttp', persistent);
  },
  cleanUp: nothing,
});

/** UEFI HTTP boot of a URL that the BMC is told: no DHCP option is needed for it. */
export const redfishHttpPath: BootPath = {
  method: 'uefi-http',
  async prepare(context, call, { payload, persistent }) {
    const { management } = call.interfaces;
    if (management.setHttpBoot === undefined)
      throw errors.InvalidParameterValue(`The management interface ${management.name} cannot set a URL to boot from.`);
    if (persistent)
      throw errors.InvalidParameterValue('A URL that the BMC is told holds for one start, not for every one.');
    const ticket = await publishFor(context, call, 'uefi-http', payload);
    await management.setHttpBoot(call, ticket.httpBootUrl ?? '');
  },
  cleanUp: nothing,
};

/** A medium the BMC shows to the machine as a drive; the machine needs no DHCP for it. */
export const virtualMediaPath: BootPath = {
  method: 'virtual-media',
  async prepare(context, call, { payload, persistent }) {
    const { management } = call.interfaces;
    if (management.virtualMedia === undefined)
      throw errors.InvalidParameterValue(`The management interface ${management.name} has no virtual media.`);
    const ticket = await publishFor(context, call, 'virtual-media', payload);
    await management.virtualMedia.insert(call, 'cdrom', ticket.isoUrl ?? '');
    await management.setBootDevice(call, 'cdrom', persistent);
  },
  async cleanUp(call) {
    await call.interfaces.management.virtualMedia?.eject(call, ['cdrom']);
  },
};
