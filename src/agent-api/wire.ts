import type { AgentProgress } from './progress.ts';

/*
 * ironic-python-agent's protocol, in its own words: lookup, heartbeat and commands as a Bare Metal API and its
 * ramdisk speak them. What Ingot adds is optional everywhere, and an agent sends it only to a conductor that
 * named it in `config.ingot`, so that another Ironic never sees a difference.
 */

/** Port of the agent's own API. */
export const AGENT_PORT = 9999;

/** Shortest token a ramdisk believes in. */
export const TOKEN_LENGTH = 32;

/** What a conductor of ours says of itself in the lookup answer; absent where it is another Ironic. */
export interface IngotConductor {
  version: 1;
  /** Heartbeats may carry `progress`. */
  heartbeat_progress?: boolean;
}

/** `config` of a lookup answer: what the ramdisk is to do and not to do. */
export interface LookupConfig {
  heartbeat_timeout: number;
  /** The token, once; `******` when it was handed out already. */
  agent_token?: string | null;
  agent_token_required?: boolean;
  agent_md5_checksum_enable?: boolean;
  disable_deep_image_inspection?: boolean;
  permitted_image_formats?: readonly string[];
  agent_skip_bmc_detect?: boolean;
  enable_bios_bootloader_install?: boolean;
  tls_min_version?: string;
  tls_cipher_suites?: string;
  ingot?: IngotConductor;
}

/** The part of a node that a ramdisk is told. */
export interface AgentNodeView {
  uuid: string;
  name?: string | null;
  properties?: Readonly<Record<string, unknown>>;
  instance_info?: Readonly<Record<string, unknown>>;
  driver_info?: Readonly<Record<string, unknown>>;
  driver_internal_info?: Readonly<Record<string, unknown>>;
  target_raid_config?: Readonly<Record<string, unknown>> | null;
  [more: string]: unknown;
}

/** Answer of `GET /v1/lookup?addresses=…&node_uuid=…`. */
export interface LookupAnswer {
  node: AgentNodeView;
  config: LookupConfig;
}

/** Body of `POST /v1/heartbeat/{uuid}`; 202 is the only good answer. */
export interface Heartbeat {
  callback_url: string;
  agent_token: string | null;
  agent_version?: string;
  /** PEM of the certificate the agent answers with; from API 1.68 on. */
  agent_verify_ca?: string;
  /** `start`, `end` or `error` of a run without a waiting conductor; from API 1.72 on. */
  agent_status?: 'start' | 'end' | 'error';
  agent_status_message?: string;
  /** Ingot only: how far the running command is. */
  progress?: AgentProgress;
}

/** Body of `POST /v1/commands/?wait=true|false&agent_token=…`. */
export interface CommandRequest<P = Readonly<Record<string, unknown>>> {
  /** `extension.command` */
  name: string;
  params: P;
}

export type CommandStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH';

/** Why a command failed; `code` is an HTTP status, `type` the name of the error. */
export interface CommandError {
  type: string;
  code: number;
  message: string;
  details: string;
}

/** A command as the agent tells of it; HTTP 200 also while it runs. */
export interface CommandResult<R = unknown> {
  id: string;
  /** Without its extension. */
  command_name: string;
  command_status: CommandStatus;
  command_error: CommandError | null;
  command_result: R | null;
  /** Ingot only: how far it is, while it runs, and where it ended. */
  command_progress?: AgentProgress;
}

/** Answer of `GET /v1/commands/`. */
export interface CommandList {
  commands: readonly CommandResult[];
}

/** Body of every answer that is not 2xx. */
export interface AgentFault {
  faultcode: 'Client' | 'Server';
  faultstring: string;
}

/** Answer of `GET /v1/status`. */
export interface AgentStatus {
  started_at: number;
  version: string;
}
