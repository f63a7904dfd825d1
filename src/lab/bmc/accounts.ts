import { timingSafeEqual } from 'node:crypto';
import { Secret } from '#kernel/secret';
import { refuse } from './refusal.ts';

export type Role = 'Administrator' | 'Operator' | 'ReadOnly';
export const ROLES: readonly Role[] = ['Administrator', 'Operator', 'ReadOnly'];

export interface Account {
  id: string;
  name: string;
  password: Secret;
  role: Role;
  enabled: boolean;
}

/** The BMC's users: one list behind Redfish and IPMI. Slot numbers are IPMI user ids too; slot 1 is nobody. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #ids: () => readonly string[];

  /** `ids` names the slots some vendors use instead of 2, 3, …. */
  constructor(ids: () => readonly string[]) {
    this.#ids = ids;
  }

  list(): Account[] {
    return [...this.#accounts.values()];
  }

  get(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  byName(name: string): Account | undefined {
    return this.list().find((a) => a.name === name);
  }

  /** In the slot `wanted`, else in the first free one. Throws ResourceAlreadyExists, CreateLimitReachedForResource. */
  create(name: string, password: string, role: Role, enabled = true, wanted?: string): Account {
    if (this.byName(name) !== undefined) throw refuse('ResourceAlreadyExists', 'ManagerAccount', 'UserName', name);
    checkPassword(password);
    const wished = this.#ids();
    const slots = wished.length > 0 ? wished : Array.from({ length: 15 }, (_, i) => String(i + 2));
    const id = slots.find((slot) => !this.#accounts.has(slot) && (wanted === undefined || slot === wanted));
    if (id === undefined) throw refuse('CreateLimitReachedForResource');
    const account = { id, name, password: new Secret(password), role, enabled };
    this.#accounts.set(id, account);
    return account;
  }

  /** Changes what is given. Throws PasswordComplexityNotMet. */
  update(account: Account, change: { name?: string; password?: string; role?: Role; enabled?: boolean }): void {
    if (change.password !== undefined) checkPassword(change.password);
    if (change.name !== undefined) account.name = change.name;
    if (change.password !== undefined) account.password = new Secret(change.password);
    if (change.role !== undefined) account.role = change.role;
    if (change.enabled !== undefined) account.enabled = change.enabled;
  }

  delete(id: string): boolean {
    return this.#accounts.delete(id);
  }

  /** The account, when the password is right and it may log in. */
  check(name: string, password: string): Account | undefined {
    const account = this.byName(name);
    if (account === undefined || !account.enabled) return undefined;
    const a = Buffer.from(account.password.reveal());
    const b = Buffer.from(password);
    return a.length === b.length && timingSafeEqual(a, b) ? account : undefined;
  }
}

/** IPMI keeps 20 bytes, so no password may be longer. */
function checkPassword(password: string): void {
  if (password.length < 1 || Buffer.byteLength(password) > 20) throw refuse('PasswordComplexityNotMet');
}
