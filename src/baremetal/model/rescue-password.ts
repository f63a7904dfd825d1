import { systemRandom } from '#kernel/random';
import { sha512Crypt } from '#protocols/crypt/sha512';

/** Where the hash is kept in `instance_info` for the time of a rescue, masked as all secrets are. Ironic's name. */
export const RESCUE_HASH = 'hashed_rescue_password';

/**
 * A rescue password as the ramdisk's /etc/shadow takes it. It is hashed when it is asked for: neither the database nor
 * the ramdisk ever has the password itself.
 */
export function hashRescuePassword(password: string): string {
  const salt = systemRandom.bytes(12).toString('base64').replaceAll('+', '.').slice(0, 16);
  return sha512Crypt(password, salt);
}
