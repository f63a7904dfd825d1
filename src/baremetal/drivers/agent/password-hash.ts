import { systemRandom } from '#kernel/random';
import { sha512Crypt } from '#protocols/crypt/sha512';

/** A rescue password as the ramdisk's /etc/shadow takes it: the ramdisk never hears the password itself. */
export function hashPassword(password: string): string {
  const salt = systemRandom.bytes(12).toString('base64').replaceAll('+', '.').slice(0, 16);
  return sha512Crypt(password, salt);
}
