/** Limits on what is fetched, unpacked and kept. */
export interface ImageLimits {
  /** Bytes of a source, as it comes. */
  maxSourceBytes: number;
  /** Bytes of the disk it becomes. */
  maxVirtualBytes: number;
  /** What comes out of a compressed stream for what goes in, past the first GiB. */
  maxRatio: number;
}

export const DEFAULT_LIMITS: ImageLimits = {
  maxSourceBytes: 256 * 1024 ** 3,
  maxVirtualBytes: 1024 ** 4,
  maxRatio: 2000,
};

/** Version of the rules below; images judged by an older one are judged again. */
export const RULES_VERSION = 1;
