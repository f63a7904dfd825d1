import { errors } from '../errors.ts';
import type { PasswordRules } from '../config.ts';
import { MAX_PASSWORD_BYTES } from '../passwords/hash.ts';

export const DEFAULT_PASSWORD_RULES: PasswordRules = {
  minLength: 8,
  history: 0,
  expiresDays: 0,
  minimumAgeDays: 0,
  changeAtFirstUse: false,
};

/** Checks what can be seen of a password itself. Throws `PasswordRefused`, never naming the password. */
export function checkPassword(password: string, rules: PasswordRules): void {
  if ([...password].length < rules.minLength) {
    throw errors.PasswordRefused(`it must have at least ${rules.minLength} characters`);
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw errors.PasswordRefused(`it must have at most ${MAX_PASSWORD_BYTES} bytes`);
  }
  if (rules.pattern !== undefined && !new RegExp(rules.pattern, 'u').test(password)) {
    throw errors.PasswordRefused(rules.patternDescription ?? `it must match ${rules.pattern}`);
  }
}
