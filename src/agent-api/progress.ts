/** What a long command is at. */
export type ProgressPhase = 'fetch' | 'write' | 'verify' | 'erase' | 'capture' | 'configdrive' | 'bootloader' | 'kexec';

/** How far a command is, in bytes where there are bytes. */
export interface AgentProgress {
  /** Id of the command, `extension.command` beside it. */
  command_id?: string;
  command?: string;
  phase: ProgressPhase;
  /** What it works on: `/dev/nvme0n1`. */
  what: string;
  bytes: number;
  /** Null while nobody knows. */
  total: number | null;
  /** Over the last seconds. */
  bytes_per_second: number;
  /** Null while it cannot be told. */
  eta_seconds: number | null;
  /** Bytes that other machines gave, of `bytes`; only where blocks are shared. */
  peer_bytes?: number;
  /** Bytes that were zeroes and needed no transfer, of `bytes`. */
  zero_bytes?: number;
}
