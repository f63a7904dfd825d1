import type { GlanceAccess } from './drivers/glance-source.ts';
import type { ImageLimits } from './model/limits.ts';

export interface ImageConfig {
  /** Folder of everything this room keeps. */
  dataDir: string;
  /** This host's name: caches are a host's own. */
  host: string;
  limits: ImageLimits;
  /** Bytes of disk the cache may take. */
  cacheBytes: number;
  /** Folders file URLs may lead into. */
  fileFolders: readonly string[];
  /** Networks that may be fetched from although they are this host's own or link-local. */
  allowedNetworks: readonly string[];
  /** An existing Glance; null: the own one. */
  glance: (GlanceAccess & { close?(): Promise<void> }) | null;
  /** Milliseconds without a byte after which a source counts as gone. */
  stallMs: number;
  convertTimeoutMs: number;
  /** Blocks sent to machines at a time. */
  maxUploads: number;
  ticketMs: number;
  /** As machines reach the door that serves images: `http://10.0.0.1:6386`. */
  serveUrl: () => string;
}
