import type { ImageRequest, ImageService } from '#contracts/image';
import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';

export const IMAGE = 'http://images.example/debian.raw';
const HASH = 'ab'.repeat(32);

/** Images that need no bytes: simulated machines write none. */
export function standInImages(): ImageService & {
  asked: string[];
  fail: { [what: string]: string | undefined };
  /** Milliseconds it takes to make an image ready. */
  slow: number;
} {
  const asked: string[] = [];
  const fail: { [what: string]: string | undefined } = {};
  const note = (what: string, request: ImageRequest) => {
    asked.push(`${what} ${request.source}`);
    const why = fail[what] ?? fail[`${what} ${request.source}`];
    if (why !== undefined) throw new IngotError('ImageRefused', 400, why);
  };
  return {
    asked,
    fail,
    slow: 0,
    async examine(request) {
      note('examine', request);
      return { format: 'raw', compression: 'none', sourceBytes: 65_000_000, virtualBytes: 65_000_000 };
    },
    async prepare(request, { onProgress }) {
      note('prepare', request);
      for (let at = 0; at < this.slow; at += 50) {
        onProgress?.({ phase: 'fetch', bytes: at * 1000, total: this.slow * 1000 });
        await systemClock.sleep(50);
      }
      return {
        id: `img-${request.source}`,
        urls: ['http://127.0.0.1:1/images/abc/raw'],
        expiresAt: systemClock.now() + 3_600_000,
        virtualBytes: 65_000_000,
        hash: { algorithm: 'sha256', hex: HASH },
        manifestUrl: 'http://127.0.0.1:1/images/abc/manifest',
        manifestSha256: HASH,
      };
    },
    beginCapture: async () => ({ imageId: 'cap-1', uploadUrl: 'http://127.0.0.1:1/captures/cap-1', manifestUrl: null }),
    endCapture: async (id, outcome) => void asked.push(`end ${id} ${outcome}`),
  };
}

/** What a deploy of the stand-in image needs. */
export const INSTANCE = { image_source: IMAGE, image_checksum: HASH, image_disk_format: 'raw' };
