import { homedir } from 'node:os';
import { join } from 'node:path';

/** `/var/cache/ingot` for root, else where the desktop standard puts what can be made again. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return '/var/cache/ingot';
  const cache = env['XDG_CACHE_HOME'];
  return cache?.startsWith('/') ? join(cache, 'ingot') : join(env['HOME'] ?? homedir(), '.cache', 'ingot');
}
