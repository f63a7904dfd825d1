import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Offer } from '../model/offer.ts';
import * as scripts from '../model/scripts.ts';
import type { PreparedBoot } from '../serve/prepared.ts';

/**
 * A text that machines fetch by TFTP, in one piece. dnsmasq gives out what everybody may read and nothing else; the
 * folder above lets nobody of this host in.
 */
export async function writeTftp(file: string, text: string | Buffer): Promise<void> {
  const at = file.lastIndexOf('/');
  const fresh = `${file.slice(0, at)}/.${file.slice(at + 1)}`;
  await writeFile(fresh, text, { mode: 0o644 });
  await rename(fresh, file);
}

/**
 * What GRUB asks for first; it sends each machine to its own. Debian's signed GRUB speaks TFTP, and no HTTP. No server is
 * named: it stays with the one it came from, by IPv4 or IPv6.
 */
export const GRUB_BY_TFTP = 'source /m/$net_default_mac/grub.cfg\n';

/** Puts what a machine that boots by shim and GRUB fetches: its script by its network addresses, files by the nonce. */
export async function putGrub(tftp: string, offer: Offer, boot: PreparedBoot): Promise<void> {
  const own = `b/${offer.nonce}`;
  let script = scripts.grubDisk();
  if (boot.kind === 'linux') {
    const folder = join(tftp, own);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await symlink(boot.kernel.path, join(folder, 'kernel'));
    await symlink(boot.initrd.path, join(folder, 'initrd'));
    const initrds = [`/${own}/initrd`];
    if (boot.nodeImage !== null) {
      await writeTftp(join(folder, 'node.img'), boot.nodeImage);
      initrds.push(`/${own}/node.img`);
    }
    script = scripts.grubLinux({ kernel: `/${own}/kernel`, initrds, words: boot.words }, '');
  }
  for (const mac of offer.request.node.macs) {
    await mkdir(join(tftp, 'm', mac), { recursive: true, mode: 0o700 });
    await writeTftp(join(tftp, 'm', mac, 'grub.cfg'), script);
  }
}

/** Takes it away again. */
export async function removeGrub(tftp: string, macs: readonly string[], nonce: string | undefined): Promise<void> {
  for (const mac of macs) await rm(join(tftp, 'm', mac), { recursive: true, force: true });
  if (nonce !== undefined) await rm(join(tftp, 'b', nonce), { recursive: true, force: true });
}
