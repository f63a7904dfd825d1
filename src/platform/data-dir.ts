import { homedir } from 'node:os';
import { join } from 'node:path';

/** `/var/lib/ingot` for root, else where the desktop standard puts a user's data. */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return '/var/lib/ingot';
  const data = env['XDG_DATA_HOME'];
  return data?.startsWith('/') ? join(data, 'ingot') : join(env['HOME'] ?? homedir(), '.local', 'share', 'ingot');
}
