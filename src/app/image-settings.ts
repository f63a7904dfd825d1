import { DEFAULT_LIMITS, type ImageConfig } from '#image/index';
import type { Clock } from '#kernel/clock';
import { errors } from '#platform/errors';
import type { Config } from '#platform/settings';
import { existingGlance } from './glance.ts';
import { conductorHost } from './room-settings.ts';

const GIB = 1024 ** 3;

/** What the image room is told. `serveUrl`: as machines reach this process, once it listens. */
export function imageRoomSettings(config: Config, clock: Clock, serveUrl: () => string): ImageConfig {
  const { image } = config;
  return {
    dataDir: config.general.data_dir,
    host: conductorHost(config),
    limits: {
      ...DEFAULT_LIMITS,
      maxSourceBytes: image.max_source_gib * GIB,
      maxVirtualBytes: image.max_virtual_gib * GIB,
      maxRatio: image.max_ratio,
    },
    cacheBytes: image.cache_gib * GIB,
    fileFolders: image.file_folders,
    allowedNetworks: image.allowed_networks,
    glance: existingGlance(config, clock),
    stallMs: image.stall_s * 1000,
    convertTimeoutMs: image.convert_timeout_s * 1000,
    maxUploads: image.max_uploads,
    ticketMs: image.ticket_s * 1000,
    serveUrl() {
      const url = image.serve_url ?? serveUrl();
      if (url !== '') return url;
      throw errors.ConfigInvalid(
        'this conductor has no API and serves no images to machines; image.listen, or image.serve_url, must be set',
      );
    },
  };
}
