import { join } from 'node:path';
import { builtRamdisk } from '#platform/ramdisk';
import type { BootConfig } from '../config.ts';
import { filled, mediumOf, type MediumWish } from '../media/medium.ts';
import type { Offer } from '../model/offer.ts';
import * as scripts from '../model/scripts.ts';
import type { Body } from './body.ts';
import { type BootFiles, ownRamdisk, type PreparedBoot } from './prepared.ts';

/**
 * Makes the media of the ramdisks that are here, if they are not made yet, of each ramdisk once: `known` are those that
 * were tried. Throws BootMedia.
 */
export async function ownMedia(config: BootConfig, known: Set<string>, signal: AbortSignal): Promise<void> {
  for (const arch of ['x86_64', 'aarch64']) {
    const built = await builtRamdisk(config.ramdiskDir, arch, config.ramdiskName);
    if (built === null || known.has(built.folder)) continue;
    known.add(built.folder);
    await mediumOf(mediumWish(ownRamdisk(built), arch, config, signal));
  }
}

/** The node's medium: the one of its kernel and initrd, with its own texts put in while it is sent. */
export async function nodeMedium(
  offer: Pick<Offer, 'request' | 'nodeUuid'>,
  boot: PreparedBoot & { kind: 'linux' },
  config: BootConfig,
  signal: AbortSignal,
): Promise<Body> {
  const medium = await mediumOf(mediumWish(boot, offer.request.node.cpuArch, config, signal));
  const linux = { kernel: '/boot/kernel', initrds: ['/boot/initrd', '/boot/node.img'], words: boot.words };
  const place = (name: keyof typeof medium.places, content: Buffer | string) => ({
    offset: medium.places[name].offset,
    bytes: filled(name, content),
  });
  return {
    kind: 'file',
    path: medium.path,
    size: medium.size,
    patches: [
      place('grub', scripts.grubLinux(linux, '')),
      place('isolinux', scripts.syslinuxLinux(linux, true)),
      place('nodeImage', boot.nodeImage ?? Buffer.alloc(0)),
      place('networkData', JSON.stringify(boot.networkData ?? {})),
    ],
  };
}

function mediumWish(
  { kernel, initrd, loaders, content }: BootFiles,
  arch: string,
  config: BootConfig,
  signal: AbortSignal,
): MediumWish {
  return { kernel, initrd, loaders: loaders ?? '', arch, content, folder: join(config.dataDir, 'media'), signal };
}
