/** How a device lost its data, strongest first. */
export type EraseMethod =
  | 'nvme-sanitize-crypto'
  | 'nvme-sanitize-block'
  | 'nvme-format-crypto'
  | 'nvme-format-user-data'
  | 'ata-secure-erase-enhanced'
  | 'ata-secure-erase'
  | 'overwrite'
  | 'discard-zero'
  | 'metadata';

/** A place read back after the erase. */
export interface EraseSample {
  offset: number;
  bytes: number;
  /** sha256 of what was read. */
  sha256: string;
  /** Nothing but zeroes (or the drive's own fill after a cryptographic erase). */
  uniform: boolean;
}

/** Proof for one device; kept by the conductor, and without it no node becomes available. */
export interface EraseEvidence {
  device: string;
  serial: string | null;
  wwn: string | null;
  model: string | null;
  size: number;
  method: EraseMethod;
  /** Stronger methods that were tried or looked at first, with why they were not used. */
  passed_over: readonly { method: EraseMethod; why: string }[];
  /** Bytes the method covered. */
  bytes: number;
  /** ISO 8601. */
  started_at: string;
  finished_at: string;
  samples: readonly EraseSample[];
  /** sha256 over all samples in order: one line that names the read-back. */
  digest: string;
  verified: boolean;
}

/** Result of `erase_devices`, `erase_devices_metadata` and `erase_devices_express` of Ingot's agent. */
export interface EraseResult {
  devices: readonly EraseEvidence[];
  /** Devices left alone, with why: `skip_block_devices`, read only, part of a RAID that was erased as a whole. */
  skipped: readonly { device: string; why: string }[];
}
