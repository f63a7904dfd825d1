import { errors } from '../errors.ts';

/** Reads `host`, `host:port`, `[v6]:port`. Throws `SwitchBadSetting`. */
export function readAddress(text: string, usualPort: number): { host: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)|([0-9a-fA-F]*:[0-9a-fA-F:.]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? found?.[2] ?? found?.[3];
  const port = found?.[4] === undefined ? usualPort : Number(found[4]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw errors.SwitchBadSetting('address', `"${text.slice(0, 80)}" is not host, host:port or [v6]:port`);
  }
  return { host, port };
}
