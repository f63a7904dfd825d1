import { join } from 'node:path';
import type { BootConfig } from '#boot/index';
import { parseAddress } from '#platform/address';
import type { Config } from '#platform/settings';

/** What the boot room is told. `ramdisksCall`: the URL ramdisks are told to call. */
export function bootSettings(config: Config, ramdisksCall: string): BootConfig {
  const { boot, general } = config;
  return {
    interface: boot.interface,
    httpPort: boot.http_port,
    media: {
      listen: boot.media_listen === null ? null : parseAddress(boot.media_listen),
      url: boot.media_url,
    },
    dhcp: boot.dhcp,
    range: boot.dhcp_range,
    range6: boot.dhcp_range6,
    leaseS: boot.lease_s,
    routers: boot.routers,
    nameservers: boot.nameservers,
    discovery: boot.discovery,
    methods: boot.methods as BootConfig['methods'],
    ramdiskDir: boot.ramdisk_dir,
    ramdiskName: 'current',
    kernelParameters: boot.kernel_parameters,
    offerMs: boot.offer_minutes * 60_000,
    allowedNetworks: config.image.allowed_networks,
    maxFileBytes: boot.max_file_gib * 1024 ** 3,
    attemptMs: boot.attempt_minutes * 60_000,
    fileFolders: boot.file_folders,
    dataDir: join(general.data_dir, 'boot'),
    callbackUrl: ramdisksCall,
  };
}
