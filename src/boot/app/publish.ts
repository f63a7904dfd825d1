import { isDeepStrictEqual } from 'node:util';
import type { BootMethod, BootRequest, BootTicket } from '#contracts/boot';
import type { Random } from '#kernel/random';
import type { BootConfig, RemoteFile } from '../config.ts';
import { errors } from '../errors.ts';
import { macOf } from '../model/offer.ts';
import { cannot } from '../model/methods.ts';
import { prepareBoot } from '../serve/prepared.ts';
import type { BootHost } from '../store/hosts.ts';
import type { Offers } from '../store/offers.ts';

export interface PublishParts {
  offers: Offers;
  random: Random;
  config: BootConfig;
  remote: RemoteFile;
  /** Whether this process serves files: then they must be here. */
  serves: boolean;
  now(): number;
  host(): Promise<BootHost>;
}

/** How near its end an offer of the same request is made anew instead of kept. */
const FRESH_PART = 0.5;

/**
 * Offers a boot. The same request again keeps its nonce, so that a conductor that goes on where another stopped
 * tells the machine nothing new. Throws BootParameter, BootFile, BootNoRamdisk, BootMacTaken.
 */
export async function publishBoot(parts: PublishParts, asked: BootRequest): Promise<BootTicket> {
  const { offers, random, config } = parts;
  const { uuid } = asked.node;
  const macs = [...new Set(asked.node.macs.map((mac) => macOf(mac) ?? ''))].filter((mac) => mac !== '');
  const request: BootRequest = { ...asked, node: { ...asked.node, macs } };
  const host = await parts.host();
  // Somebody reads the reason here; when the machine asks, nobody would.
  const boot = await prepareBoot({ nodeUuid: uuid, request }, config, parts.remote).catch((error: unknown) => {
    if (parts.serves || (error as { code?: string }).code !== 'BootNoRamdisk') throw error;
    return null;
  });
  // What an instance boots is offered for as long as the instance is there.
  const lifeMs = request.payload.kind === 'ramdisk' ? config.offerMs : null;
  const before = await offers.ofNode(uuid);
  const same = before !== null && isDeepStrictEqual(before.request, JSON.parse(JSON.stringify(request)));
  const fresh = before?.expiresAt == null || before.expiresAt - parts.now() > config.offerMs * FRESH_PART;
  const offer =
    same && fresh && before !== null
      ? before
      : await offers.put(uuid, random.bytes(16).toString('base64url'), request, lifeMs);
  const unavailable: Partial<Record<BootMethod, string>> = {};
  for (const method of ['virtual-media', 'uefi-http', 'ipxe', 'pxe'] as const) {
    const why = cannot(
      method,
      request,
      host.facts,
      boot === null || boot.kind !== 'linux' ? null : (boot.nodeImage?.length ?? 0),
    );
    if (why !== null) unavailable[method] = why;
  }
  const own = `/b/${offer.nonce}`;
  const has = (method: BootMethod) => unavailable[method] === undefined;
  return {
    nonce: offer.nonce,
    expiresAt: offer.expiresAt ?? Number.MAX_SAFE_INTEGER,
    ...(has('virtual-media') ? { isoUrl: `${host.mediaUrl}${own}/boot.iso` } : {}),
    ...(has('uefi-http') ? { httpBootUrl: `${host.baseUrl}${own}/boot.efi` } : {}),
    ...(has('ipxe') ? { ipxeUrl: `${host.baseUrl}${own}/boot.ipxe` } : {}),
    unavailable,
  };
}

/** The one that serves the machines; they all render from the same rows. Throws BootDhcp when none does. */
export function oneHost(hosts: readonly BootHost[]): BootHost {
  const [first] = hosts;
  if (first === undefined) throw errors.BootDhcp('no process with the role boot runs, or it has no boot.interface');
  return first;
}
