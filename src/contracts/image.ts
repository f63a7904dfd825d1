import type { Reader } from '#store/contract';

/** What a tenant named as image: a URL (http, https, file), `glance://<uuid>`, or an image's UUID. */
export interface ImageRequest {
  source: string;
  /** `sha256:<hex>`, `sha512:<hex>`, a bare hex digest, or a URL of a checksum file. Of the source's bytes. */
  checksum?: string;
  /** Declared format; what is in the file must be that. */
  diskFormat?: 'raw' | 'qcow2' | 'iso' | 'auto';
  /** Whose image: for glance's visibility and the cache's accounting. */
  projectId: string | null;
}

/** What is known of an image before any byte of it is written. */
export interface ImageFacts {
  /** As found in the file, never as declared. */
  format: 'raw' | 'qcow2' | 'iso';
  compression: 'none' | 'gzip' | 'xz' | 'zstd';
  /** Bytes of the source; null when it does not say. */
  sourceBytes: number | null;
  /** Bytes of the disk it becomes; null when only reading all of it would tell. */
  virtualBytes: number | null;
}

/** An image as machines get it: raw, checked, converted once. */
export interface PreparedImage {
  /** Name of the image by its content: same bytes, same id. */
  id: string;
  /** Where machines fetch the raw bytes, best first; good until `expiresAt`. */
  urls: readonly string[];
  expiresAt: number;
  virtualBytes: number;
  /** Of the raw bytes. */
  hash: { algorithm: 'sha256'; hex: string };
  /** Where the block manifest stands: block size, hash per block, which blocks are zeroes; and who has them. */
  manifestUrl: string;
  /** What the manifest says, hashed: machines that are told it need not hash the whole. */
  manifestSha256: string;
}

/** Progress in bytes; `total` null while it is unknown. */
export type ImageProgress = (at: { phase: 'fetch' | 'check' | 'convert'; bytes: number; total: number | null }) => void;

/** What bare metal asks of the image service. */
export interface ImageService {
  /** Reads the head of the image only. Throws IngotErrors with a sentence for hostile, absent or wrong images. */
  examine(request: ImageRequest, signal: AbortSignal): Promise<ImageFacts>;
  /**
   * Fetches, checks and converts into the cache unless it is there; one fetch serves all who wait. Constant
   * memory. Throws what `examine` throws, and for checksums that differ.
   */
  prepare(
    request: ImageRequest,
    options: { nodeUuid: string; signal: AbortSignal; onProgress?: ImageProgress },
  ): Promise<PreparedImage>;
  /** Makes a place to which a machine's agent uploads a captured disk, and where it can be read back. */
  beginCapture(request: {
    nodeUuid: string;
    projectId: string | null;
    name: string;
    /** An earlier capture this one only stores differences to. */
    parentId?: string;
  }): Promise<{ imageId: string; uploadUrl: string; manifestUrl: string | null }>;
  /**
   * Closes a capture, or throws it away. Of a whole one each block was checked as it came: the machine is needed no
   * more. The image becomes usable once the whole was hashed, which goes on by itself; see `CaptureNotes`.
   */
  endCapture(imageId: string, outcome: 'done' | 'failed', signal?: AbortSignal): Promise<void>;
}

/** What the image service tells bare metal. */
export interface CaptureNotes {
  /**
   * A captured disk became an image, or, with `error`, cannot become one; in the transaction that says so of the image.
   * The machine may be gone.
   */
  captured(tx: Reader, capture: { nodeUuid: string; imageId: string; error: string | null }): Promise<void>;
}
