import type { Readable } from 'node:stream';

/** A place an image comes from, opened as often as needed. */
export interface ImageSource {
  /** For people and logs: no queries, no credentials. */
  readonly name: string;
  /** The last part of its path, as checksum files name it. */
  readonly fileName: string;
  /** Looks at it: length and what would change if its bytes did. Reads nothing else. */
  stat(signal: AbortSignal): Promise<SourceFacts>;
  /**
   * Bytes from `offset` on. With `same` the source must still be what that `stat` saw; throws `ImageChanged`
   * otherwise.
   */
  open(
    offset: number,
    same: SourceFacts | null,
    signal: AbortSignal,
  ): Promise<{ stream: Readable; facts: SourceFacts }>;
}

export interface SourceFacts {
  /** Null when it does not say. */
  bytes: number | null;
  /** ETag, date, inode: the same means the same bytes. Null: cannot be told, so nothing is reused. */
  validator: string | null;
  /** Can be continued in the middle. */
  resumable: boolean;
}
