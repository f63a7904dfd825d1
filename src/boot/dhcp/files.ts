import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtRamdisk } from '#platform/ramdisk';
import type { BootConfig, RemoteFile } from '../config.ts';
import { baseUrl, nodeFiles, type Place, tftpNames, withdrawnFiles } from '../model/dhcp.ts';
import type { Offer } from '../model/offer.ts';
import * as scripts from '../model/scripts.ts';
import { prepareOffer } from '../serve/answers.ts';
import { GRUB_BY_TFTP, putGrub, removeGrub, writeTftp } from './tftp-root.ts';

/** Loaders that machines fetch by TFTP. */
const TFTP_LOADERS = [
  'undionly.kpxe',
  'snponly.efi',
  'ipxe.efi',
  'shimx64.efi',
  'grubx64.efi',
  'lpxelinux.0',
  'ldlinux.c32',
  'shimaa64.efi',
  'grubaa64.efi',
];

/**
 * The files dnsmasq reads and serves: one per node in two folders it watches, and the root of TFTP. They hold nonces,
 * so nobody else reads them.
 */
export class DhcpFiles {
  readonly hosts: string;
  readonly options: string;
  readonly tftp: string;
  readonly #config: BootConfig;
  readonly #place: Place;
  readonly #remote: RemoteFile;
  readonly #macs = new Map<string, readonly string[]>();
  /** Of nodes with files for GRUB. */
  readonly #nonces = new Map<string, string>();
  #loaders = '';

  constructor(folder: string, config: BootConfig, place: Place, remote: RemoteFile) {
    this.#remote = remote;
    this.hosts = join(folder, 'hosts');
    this.options = join(folder, 'options');
    this.tftp = join(folder, 'tftp');
    this.#config = config;
    this.#place = place;
  }

  /** Writes everything anew: before dnsmasq starts. */
  async reset(offers: readonly Offer[]): Promise<void> {
    for (const dir of [this.hosts, this.options, this.tftp]) {
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true, mode: 0o700 });
    }
    for (const dir of ['grub', 'grub/x86_64-efi', 'pxelinux.cfg']) {
      await mkdir(join(this.tftp, dir), { mode: 0o700 });
    }
    this.#macs.clear();
    this.#loaders = '';
    this.#nonces.clear();
    for (const name of ['grub/grub.cfg', 'grub/x86_64-efi/grub.cfg'])
      await writeTftp(join(this.tftp, name), GRUB_BY_TFTP);
    await this.loaders();
    for (const offer of offers) await this.put(offer);
  }

  /** Copies the loaders of the ramdisk that is built now, where it is another one. */
  async loaders(): Promise<void> {
    for (const arch of ['x86_64', 'aarch64']) {
      const built = await builtRamdisk(this.#config.ramdiskDir, arch, this.#config.ramdiskName);
      if (built === null || this.#loaders.includes(built.manifest.key)) continue;
      for (const name of TFTP_LOADERS.filter((one) => one in built.manifest.loaders)) {
        const to = join(this.tftp, name);
        await copyFile(join(built.folder, 'loaders', name), `${to}.new`);
        await rename(`${to}.new`, to);
      }
      this.#loaders += `${built.manifest.key} `;
    }
  }

  /** The files of a node that is offered a boot. */
  async put(offer: Offer): Promise<void> {
    const { node, method = null } = offer.request;
    const files = nodeFiles(this.#place, offer, method, this.#place.address6 !== null);
    this.#macs.set(offer.nodeUuid, node.macs);
    if (method === 'pxe' && node.bootMode === 'bios') await this.#pxelinux(offer);
    await this.#grub(offer);
    await this.#write(join(this.options, offer.nodeUuid), files.options);
    await this.#write(join(this.hosts, offer.nodeUuid), files.hosts);
  }

  /** The node is offered nothing: it is not answered any more. */
  async remove(nodeUuid: string): Promise<void> {
    const macs = this.#macs.get(nodeUuid) ?? (await this.#macsInFile(nodeUuid));
    if (macs.length === 0) return;
    const files = withdrawnFiles(macs, this.#config.discovery);
    await this.#write(join(this.hosts, nodeUuid), files.hosts);
    for (const mac of macs) await rm(join(this.tftp, tftpNames(mac).pxelinux), { force: true });
    await rm(join(this.options, nodeUuid), { force: true });
    await removeGrub(this.tftp, macs, this.#nonces.get(nodeUuid));
    this.#macs.delete(nodeUuid);
    this.#nonces.delete(nodeUuid);
  }

  /** Nodes that have files of an offer. */
  known(): readonly string[] {
    return [...this.#macs.keys()];
  }

  async #pxelinux(offer: Offer): Promise<void> {
    const own = `${baseUrl(this.#place)}/b/${offer.nonce}`;
    const boot = await prepareOffer(offer, this.#config, this.#remote, baseUrl(this.#place));
    const text =
      boot.kind === 'linux'
        ? scripts.syslinuxLinux(
            {
              kernel: `${own}/kernel`,
              initrds: [`${own}/initrd`, ...(boot.nodeImage === null ? [] : [`${own}/node.img`])],
              words: boot.words,
            },
            true,
          )
        : scripts.syslinuxDisk();
    for (const mac of offer.request.node.macs) await writeTftp(join(this.tftp, tftpNames(mac).pxelinux), text);
  }

  /** What shim and GRUB are for; another offer's files go. */
  async #grub(offer: Offer): Promise<void> {
    const { node, method } = offer.request;
    const before = this.#nonces.get(offer.nodeUuid);
    if (before !== undefined && before !== offer.nonce) await removeGrub(this.tftp, node.macs, before);
    this.#nonces.delete(offer.nodeUuid);
    if (method !== 'pxe' || node.bootMode !== 'uefi') return;
    const boot = await prepareOffer(offer, this.#config, this.#remote, baseUrl(this.#place));
    await putGrub(this.tftp, offer, boot);
    this.#nonces.set(offer.nodeUuid, offer.nonce);
  }

  async #macsInFile(nodeUuid: string): Promise<string[]> {
    const text = await readFile(join(this.hosts, nodeUuid), 'utf8').catch(() => '');
    return text.match(/^[0-9a-f:]{17}/gm) ?? [];
  }

  /** In one piece: dnsmasq never reads half a file. It does not read names that begin with a dot. */
  async #write(file: string, text: string): Promise<void> {
    const at = file.lastIndexOf('/');
    const fresh = `${file.slice(0, at)}/.${file.slice(at + 1)}`;
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, file);
  }
}
