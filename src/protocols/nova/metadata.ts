import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { IngotError } from '#kernel/errors';
import type { Secret } from '#kernel/secret';

/** The metadata service of a Nova, which has the instances of virtual machines. */
export interface NovaSettings {
  url: string;
  /** `[neutron] metadata_proxy_shared_secret` of it. */
  secret: Secret;
}

/** An instance of Nova, and the address it asks from. */
export interface NovaInstance {
  id: string;
  project: string;
  ip: string;
}

const ANSWER_MS = 20_000;
/** User data is at most 64 KiB, and vendor data not much more. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface NovaAnswer {
  status: number;
  type: string;
  body: Buffer;
}

/**
 * Asks Nova as Neutron's metadata agent does: who asks stands in headers that are ours alone, signed by the secret both
 * know. Nothing the tenant sent goes on but the path. Throws `MetadataAway`.
 */
export async function askNova(settings: NovaSettings, path: string, asking: NovaInstance): Promise<NovaAnswer> {
  const headers = {
    'x-forwarded-for': asking.ip,
    'x-instance-id': asking.id,
    'x-tenant-id': asking.project,
    'x-instance-id-signature': createHmac('sha256', settings.secret.reveal()).update(asking.id).digest('hex'),
  };
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const reply = await request(`${settings.url}${path}`, { headers, signal });
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of reply.body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MOST_BYTES) throw new Error('it says more than 4 MiB');
      parts.push(part);
    }
    const type = [reply.headers['content-type'] ?? 'text/plain'].flat()[0] as string;
    return { status: reply.statusCode, type, body: Buffer.concat(parts) };
  } catch (error) {
    throw new IngotError('MetadataAway', 502, "Nova's metadata service does not answer", { cause: error });
  }
}
