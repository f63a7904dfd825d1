import { Lru } from '../lru.ts';
import type { Revocation } from '../store/revocations.ts';
import type { SessionRow } from '../store/session.ts';
import type { Claims } from './claims.ts';

/** The truth about one user in one scope, without what belongs to a single token. */
interface Fact {
  claims: Claims;
  row: SessionRow;
}

const MAX_FACTS = 5_000;
/** More revocations than this are not held; every new token is then asked about. */
export const MAX_REVOCATIONS = 50_000;

/**
 * What is known of users in scopes from tokens seen before, and which tokens were taken back. With it the next token
 * of the same user and scope needs no statement when it is first seen. It is as good as a remembered token and holds
 * under the same condition: that all changes were read within the last second.
 */
export class KnownFacts {
  readonly #facts = new Lru<Fact>(MAX_FACTS);
  /** Null until they were read, and when there are too many. */
  #revoked: Set<string> | null = null;

  /** What a statement would say of this token; undefined when only a statement can. */
  find(claims: Claims): SessionRow | undefined {
    if (this.#revoked === null) return undefined;
    const row = this.#facts.get(keyOf(claims))?.row;
    if (row === undefined) return undefined;
    const revoked =
      this.#revoked.has(nameOf(claims.auditIds[0], false)) || this.#revoked.has(nameOf(claims.auditIds.at(-1), true));
    return revoked ? { ...row, revoked } : row;
  }

  /** Keeps what a statement said. Whether that token was taken back says nothing of others. */
  keep(claims: Claims, row: SessionRow): void {
    this.#facts.set(keyOf(claims), { claims, row: row.revoked ? { ...row, revoked: false } : row });
  }

  /** Forgets users or scopes that a change was about. */
  forget(test: (fact: { claims: Claims }) => boolean): void {
    this.#facts.removeWhere(test);
  }

  /** All revocations there are, read after the cursor of the changes. */
  setRevocations(all: readonly Revocation[]): void {
    this.#revoked = all.length > MAX_REVOCATIONS ? null : new Set(all.map((one) => nameOf(one.audit_id, one.chain)));
  }

  /** One more. */
  addRevocation(auditId: string, chain: boolean): void {
    this.#revoked?.add(nameOf(auditId, chain));
    if (this.#revoked !== null && this.#revoked.size > MAX_REVOCATIONS) this.#revoked = null;
  }
}

const nameOf = (auditId: string | undefined, chain: boolean) => `${chain ? 'c' : 't'} ${auditId ?? ''}`;

const keyOf = ({ userId, projectId, domainId, system, credentialId }: Claims): string =>
  [userId, projectId ?? '', domainId ?? '', system ? 's' : '', credentialId ?? ''].join('\n');
