import { newUuid } from '#kernel/ids';

/** Id of the first domain, as in every Keystone. */
export const DEFAULT_DOMAIN = 'default';

/** A new id as Keystone makes them: 32 hexadecimal digits. */
export function newId(): string {
  return newUuid().replaceAll('-', '');
}
