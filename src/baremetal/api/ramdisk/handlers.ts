import type { Handlers } from '#http/contract';
import { continueInspection } from '../../app/ramdisk/continue-inspection.ts';
import { heartbeat } from '../../app/ramdisk/heartbeat.ts';
import { lookup } from '../../app/ramdisk/lookup.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { makeHeartbeats } from '../../store/heartbeats.ts';
import { makeLookups } from '../../store/lookups.ts';
import type { ramdiskRoutes } from './routes.ts';
import { VERSION_RULES } from '../../model/version-rules.ts';

/** Versions of the arguments that came later; an early one is refused as if unknown. */
const ARGUMENT_SINCE: Readonly<Record<string, number>> = {
  agent_version: 36,
  agent_verify_ca: 68,
  agent_status: 72,
  agent_status_message: 72,
};

type HeartbeatBody = Record<
  'callback_url' | 'agent_version' | 'agent_token' | 'agent_verify_ca' | 'agent_status' | 'agent_status_message',
  string | null | undefined
>;

/** How far a command is, as far as it is of use; null without. */
function readProgress(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const text = JSON.stringify(value);
  return text.length > 4096 ? null : text;
}

/** How often an agent must be heard of, seconds; it calls at a third of that. */
const HEARTBEAT_TIMEOUT_S = 300;

/** What every agent is told, as JSON up to its token. */
const CONFIG = JSON.stringify({
  metrics: {
    backend: 'noop',
    prepend_host: false,
    prepend_uuid: false,
    prepend_host_reverse: true,
    global_prefix: null,
  },
  metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
  heartbeat_timeout: HEARTBEAT_TIMEOUT_S,
  agent_containers: {},
  agent_token_required: true,
  agent_md5_checksum_enable: false,
  disable_deep_image_inspection: false,
  permitted_image_formats: ['raw', 'qcow2'],
  agent_skip_bmc_detect: false,
  enable_bios_bootloader_install: false,
  // For Ingot's own agent: another passes over it.
  ingot: { version: 1, heartbeat_progress: true },
  agent_token: '',
}).replace(/""}$/, '');

export function ramdiskHandlers(deps: BaremetalDeps): Handlers<typeof ramdiskRoutes> {
  const beats = makeHeartbeats(deps.store, deps.clock, deps.log);
  const lookups = makeLookups(deps.store);
  return {
    'ramdisk.lookup': async ({ baseUrl }, { query }) => {
      const { node, token } = await lookup(
        deps,
        lookups,
        (query['addresses'] as readonly string[] | undefined) ?? [],
        query['node_uuid'] as string | undefined,
      );
      const links = [
        { href: `${baseUrl}/v1/nodes/${node.uuid}`, rel: 'self' },
        { href: `${baseUrl}/nodes/${node.uuid}`, rel: 'bookmark' },
      ];
      return {
        json:
          `{"node":{"uuid":"${node.uuid}","properties":${node.properties},"instance_info":${node.instanceInfo},` +
          `"driver_internal_info":${node.driverInternalInfo},"links":${JSON.stringify(links)}},"config":${CONFIG}"${token}"}}`,
      };
    },

    'ramdisk.heartbeat': async ({ version }, { params, body }) => {
      const said = body as HeartbeatBody;
      for (const [name, since] of Object.entries(ARGUMENT_SINCE)) {
        if (version < since && (said as Record<string, unknown>)[name] != null) {
          throw errors.InvalidParameterValue(`Field "${name}" not recognised in API version 1.${version}`);
        }
      }
      if (said.callback_url == null) throw errors.Invalid('Missing mandatory parameter: callback_url');
      await heartbeat(deps, beats, params['node_ident'] as string, said.agent_token ?? undefined, {
        callbackUrl: said.callback_url,
        version: said.agent_version ?? null,
        verifyCa: said.agent_verify_ca ?? null,
        status: said.agent_status ?? null,
        statusMessage: said.agent_status_message ?? null,
        progress: readProgress((body as { progress?: unknown }).progress),
      });
      return {};
    },

    'ramdisk.continue-inspection': async ({ version }, { query, body }) => {
      const nodeUuid = query['node_uuid'] as string | undefined;
      // Old agents ask without any version, which is 1.1; in between it is not there.
      if (version !== 1 && version < VERSION_RULES.continueInspection) throw errors.NotFound();
      if (nodeUuid !== undefined && version < VERSION_RULES.continueInspection)
        throw errors.UnexpectedArguments('node_uuid');
      return { body: { uuid: await continueInspection(deps, lookups, body as Record<string, unknown>, nodeUuid) } };
    },
  };
}
