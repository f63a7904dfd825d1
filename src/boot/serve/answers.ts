import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootMethod } from '#contracts/boot';
import type { Clock } from '#kernel/clock';
import { builtRamdisk } from '#platform/ramdisk';
import type { BootConfig, RemoteFile } from '../config.ts';
import { macOf, type Offer } from '../model/offer.ts';
import { kernelWords } from '../model/kernel-arguments.ts';
import * as scripts from '../model/scripts.ts';
import type { Offers } from '../store/offers.ts';
import type { Body } from './body.ts';
import { nodeMedium } from './media.ts';
import { type HostFile, type PreparedBoot, prepareBoot } from './prepared.ts';

/** What a path stands for; `method` and `what` are for the record of what was asked. */
export interface Answer {
  body: Body;
  type: string;
  method: BootMethod;
  what: string;
  nodeUuid: string | null;
  mac: string | null;
}

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const EFI = 'application/efi';
const ISO = 'application/vnd.efi.iso';
/** Offers are few and asked for often (a BMC reads an ISO in thousands of parts). */
const REMEMBERED = 2000;

/**
 * Finds what is served at a path. Nothing but the paths made here exists: no path of a request ever becomes part of
 * a path on disk, except the names of boot loaders, which are a closed list.
 */
export class Answers {
  readonly #offers: Offers;
  readonly #config: BootConfig;
  readonly #base: string;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #remote: RemoteFile;
  readonly #ready = new Map<string, { offer: Offer; boot: PreparedBoot }>();

  /** `base`: the URL that machines reach it by. Those that came by IPv6 are told no address of IPv4, nor the other way. */
  constructor(offers: Offers, config: BootConfig, base: string, clock: Clock, remote: RemoteFile, signal: AbortSignal) {
    this.#remote = remote;
    this.#offers = offers;
    this.#config = config;
    this.#base = base;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** Offers changed: nothing that is remembered may be trusted. */
  forget(): void {
    this.#ready.clear();
  }

  /** What is at the path; null when nothing is. `mediaOnly`: on the address for BMCs only media exist. */
  async at(path: string, mediaOnly: boolean): Promise<Answer | null> {
    // shim asks for what comes after it at `…//grubx64.efi` (rhboot/shim, httpboot.c).
    const [, kind = '', key = '', name = '', more] = path.replace(/\/{2,}/g, '/').split('/');
    if (more !== undefined || !/^[a-z0-9._-]*$/i.test(name)) return null;
    if (kind === 'b' && /^[A-Za-z0-9_-]{22}$/.test(key)) return this.#ofNonce(key, name, mediaOnly);
    if (mediaOnly) return null;
    if (kind === 'm' && name !== '') return this.#ofMac(macOf(key), name);
    if (kind === 'grub' && (key === 'grub.cfg' || (key === 'x86_64-efi' && name === 'grub.cfg')))
      return this.#common('pxe', 'grub.cfg', { kind: 'bytes', bytes: Buffer.from(grubByMac(this.#base)) }, TEXT);
    if (kind === 'loaders' && name === '') return this.#loader(key);
    if (kind === 'd' && name === '' && this.#config.discovery) return this.#discovered(key);
    if (path === '/boot.ipxe') {
      const script = scripts.ipxeByMac(`${this.#base}/m`);
      return this.#common('ipxe', 'boot.ipxe', { kind: 'bytes', bytes: Buffer.from(script) }, TEXT);
    }
    return null;
  }

  async #ofNonce(nonce: string, name: string, mediaOnly: boolean): Promise<Answer | null> {
    const known = this.#ready.get(nonce);
    if (known !== undefined && (known.offer.expiresAt ?? Infinity) > this.#clock.now())
      return this.#file(known, name, mediaOnly);
    const offer = await this.#offers.byNonce(nonce);
    if (offer === null) return null;
    const ready = { offer, boot: await this.#prepared(offer) };
    if (this.#ready.size >= REMEMBERED) this.#ready.clear();
    this.#ready.set(nonce, ready);
    return this.#file(ready, name, mediaOnly);
  }

  #prepared(offer: Offer): Promise<PreparedBoot> {
    return prepareOffer(offer, this.#config, this.#remote, this.#base);
  }

  /** By the network address only scripts are given out: they hold the nonce under which the rest is. */
  async #ofMac(mac: string | null, name: string): Promise<Answer | null> {
    if (mac === null || (name !== 'boot.ipxe' && name !== 'grub.cfg')) return null;
    const offer = await this.#offers.byMac(mac);
    if (offer === null) return this.#config.discovery && name === 'boot.ipxe' ? this.#discovered(name, mac) : null;
    const answer = await this.#file({ offer, boot: await this.#prepared(offer) }, name, false);
    return answer === null ? null : { ...answer, mac };
  }

  /** What machines get that nobody offered anything to: the ramdisk, which reports them. */
  async #discovered(name: string, mac: string | null = null): Promise<Answer | null> {
    const boot = await prepareBoot(discovery(this.#config), this.#config, this.#remote);
    if (boot.kind !== 'linux') return null;
    const base = `${this.#base}/d`;
    const linux = { kernel: `${base}/kernel`, initrds: [`${base}/initrd`], words: boot.words };
    const bodies: Readonly<Record<string, Body>> = {
      'boot.ipxe': {
        kind: 'bytes',
        bytes: Buffer.from(scripts.ipxeLinux(linux, `${this.#base}/boot.ipxe`)),
      },
      kernel: fileBody(boot.kernel),
      initrd: fileBody(boot.initrd),
    };
    const body = Object.hasOwn(bodies, name) ? bodies[name] : undefined;
    return body === undefined
      ? null
      : { ...this.#common('ipxe', name, body, name === 'boot.ipxe' ? TEXT : BYTES), mac };
  }

  async #file(ready: { offer: Offer; boot: PreparedBoot }, name: string, mediaOnly: boolean): Promise<Answer | null> {
    const { offer, boot } = ready;
    const give = (method: BootMethod, type: string, body: Body): Answer => ({
      body,
      type,
      method,
      what: name,
      nodeUuid: offer.nodeUuid,
      mac: null,
    });
    const own = `${this.#base}/b/${offer.nonce}`;
    const text = (script: string): Body => ({ kind: 'bytes', bytes: Buffer.from(script) });
    if (name === 'boot.iso') return this.#iso(ready, give);
    if (mediaOnly) return null;
    const linux = boot.kind === 'linux' ? boot : null;
    if (name === 'boot.ipxe') {
      const script =
        linux !== null
          ? scripts.ipxeLinux(
              { kernel: `${own}/kernel`, initrds: initrds(linux, own), words: linux.words },
              `${own}/boot.ipxe`,
            )
          : boot.kind === 'iso'
            ? scripts.ipxeIso(`${own}/boot.iso`)
            : scripts.ipxeDisk();
      return give('ipxe', TEXT, text(script));
    }
    const method: BootMethod = offer.request.method ?? 'pxe';
    if (name === 'grub.cfg') {
      const script =
        linux === null
          ? scripts.grubDisk()
          : scripts.grubLinux(
              { kernel: `/b/${offer.nonce}/kernel`, initrds: initrds(linux, `/b/${offer.nonce}`), words: linux.words },
              `(http,${hostOf(this.#base)})`,
            );
      return give(method, TEXT, text(script));
    }
    if (linux === null) return null;
    if (name === 'ks.cfg' && linux.kickstart !== null) return give(method, TEXT, text(linux.kickstart));
    if (name === 'kernel') return give(method, BYTES, fileBody(linux.kernel));
    if (name === 'initrd') return give(method, BYTES, fileBody(linux.initrd));
    if (name === 'node.img' && linux.nodeImage !== null)
      return give(method, BYTES, { kind: 'bytes', bytes: linux.nodeImage });
    return this.#firstFile(offer, linux, name, give);
  }

  /** What UEFI HTTP boot fetches first, and shim after it. */
  async #firstFile(
    offer: Offer,
    linux: PreparedBoot & { kind: 'linux' },
    name: string,
    give: (method: BootMethod, type: string, body: Body) => Answer,
  ): Promise<Answer | null> {
    if (linux.loaders === null) return null;
    const arm = offer.request.node.cpuArch === 'aarch64';
    const shim = arm ? 'shimaa64.efi' : 'shimx64.efi';
    const names: Readonly<Record<string, string>> = {
      'boot.efi': arm || offer.request.node.secureBoot || offer.request.loader === 'grub' ? shim : 'snponly.efi',
      'grubx64.efi': 'grubx64.efi',
      'grubaa64.efi': 'grubaa64.efi',
    };
    const file = Object.hasOwn(names, name) ? names[name] : undefined;
    if (file === undefined) return null;
    const body = await loaderBody(linux.loaders, file);
    return body === null ? null : give('uefi-http', EFI, body);
  }

  async #iso(
    { offer, boot }: { offer: Offer; boot: PreparedBoot },
    give: (method: BootMethod, type: string, body: Body) => Answer,
  ): Promise<Answer | null> {
    const method = offer.request.method === 'uefi-http' ? 'uefi-http' : 'virtual-media';
    if (boot.kind === 'iso') return give(method, ISO, fileBody(boot.iso));
    if (boot.kind !== 'linux' || boot.loaders === null) return null;
    return give(method, ISO, await nodeMedium(offer, boot, this.#config, this.#signal));
  }

  async #loader(name: string): Promise<Answer | null> {
    if (!/^[a-z0-9]+\.(efi|kpxe)$/.test(name)) return null;
    for (const arch of ['x86_64', 'aarch64']) {
      const built = await builtRamdisk(this.#config.ramdiskDir, arch, this.#config.ramdiskName);
      const body = built === null ? null : await loaderBody(join(built.folder, 'loaders'), name);
      if (body !== null) return this.#common('pxe', name, body, EFI);
    }
    return null;
  }

  #common(method: BootMethod, what: string, body: Body, type: string): Answer {
    return { body, type, method, what, nodeUuid: null, mac: null };
  }
}

/** An offer as it is served: an installer is told where its answers stand. */
export async function prepareOffer(
  offer: Offer,
  config: BootConfig,
  remote: RemoteFile,
  base: string,
): Promise<PreparedBoot> {
  const boot = await prepareBoot(offer, config, remote);
  if (boot.kind !== 'linux' || boot.kickstart === null) return boot;
  const word = `inst.ks=${base}/b/${offer.nonce}/ks.cfg`;
  return { ...boot, words: [...boot.words, ...kernelWords([word])] };
}

/** A GRUB that speaks HTTP asks for one file for all; it sends each machine to its own. */
function grubByMac(base: string): string {
  return `source (http,${hostOf(base)})/m/$net_default_mac/grub.cfg\n`;
}

/** The boot of a machine nobody knows: it says what it is, and gets no token. */
function discovery(config: BootConfig): Pick<Offer, 'nodeUuid' | 'request'> {
  const parameters = {
    'ipa-api-url': config.callbackUrl,
    'ipa-inspection-callback-url': `${config.callbackUrl}/v1/continue_inspection`,
  };
  return {
    nodeUuid: '00000000-0000-0000-0000-000000000000',
    request: {
      node: { uuid: '', macs: [], bootMode: 'uefi', secureBoot: false, cpuArch: 'x86_64' },
      payload: { kind: 'ramdisk', purpose: 'inspect', parameters },
    },
  };
}

function hostOf(base: string): string {
  return base.slice('http://'.length);
}

function initrds(boot: PreparedBoot & { kind: 'linux' }, base: string): string[] {
  return [`${base}/initrd`, ...(boot.nodeImage === null ? [] : [`${base}/node.img`])];
}

function fileBody(file: HostFile): Body {
  return { kind: 'file', path: file.path, size: file.size };
}

async function loaderBody(folder: string, name: string): Promise<Body | null> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  return found === null ? null : { kind: 'file', path, size: found.size };
}
