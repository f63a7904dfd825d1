/*
 * A disk goes out as blocks by their hashes, so that an unchanged block is never sent twice. Below `upload_url`:
 *   POST <upload_url>/missing   {"hashes":[…]}          → {"missing":[…]}      which of them are not stored yet
 *   PUT  <upload_url>/blocks/<sha256>                    → 201 | 200            body: the block, zstd or gzip by
 *                                                          Content-Encoding; the receiver checks the hash
 *   PUT  <upload_url>/manifest  BlockManifest            → 201 | 200            the capture is whole
 */

/** Parameters of `ingot.capture`. */
export interface CaptureParams {
  upload_url: string;
  upload_ca?: string;
  /** Device name; default: the root device by the node's hints. */
  device?: string;
  /** Default 4 MiB; must be that of the parent to save anything. */
  block_bytes?: number;
  compression?: 'zstd' | 'gzip' | 'none';
  /** Manifest of the capture this one is a difference to: its blocks are known to be stored. */
  parent_manifest_url?: string;
  node?: Readonly<Record<string, unknown>>;
}

/** Result of `ingot.capture`. */
export interface CaptureResult {
  device: string;
  virtual_bytes: number;
  blocks: number;
  zero_blocks: number;
  /** Blocks that had to be sent, and their bytes on the wire. */
  sent_blocks: number;
  sent_bytes: number;
}
