import { X509Certificate } from 'node:crypto';
import type { BootPlan, EnrolledCertificate, KeyDatabase, Machine } from '../machine/contract.ts';
import { refuse } from './refusal.ts';

type Keys = 'default' | 'none';

/** A certificate of a database, by the id it is called by as long as it is there. */
export interface Enrolled extends EnrolledCertificate {
  id: string;
}

/** Who puts certificates there that do not say it. */
const LAB = '1ab0c0de-5eed-4b00-8000-1ab0c0de0000';

/**
 * UEFI Secure Boot: what is in force since the last start, and what the next one will bring. Databases that nobody
 * changed here are left to the firmware, and to systems that write them.
 */
export class SecureBoot {
  readonly supported: boolean;
  readonly #vendor: Readonly<Record<KeyDatabase, readonly Enrolled[]>>;
  #changed: Partial<Record<KeyDatabase, readonly Enrolled[]>> = {};
  #current: { enabled: boolean; keys: Keys };
  #next: { enabled: boolean; keys: Keys };
  #ids = 0;

  constructor(supported: boolean, vendor: Machine['vendorCertificates'] = {}) {
    this.supported = supported;
    this.#current = { enabled: false, keys: supported ? 'default' : 'none' };
    this.#next = this.#current;
    const numbered = (of: KeyDatabase) => (vendor[of] ?? []).map((one) => ({ ...one, id: String(++this.#ids) }));
    this.#vendor = { PK: numbered('PK'), KEK: numbered('KEK'), db: numbered('db'), dbx: numbered('dbx') };
  }

  get current(): { enabled: boolean; keys: Keys } {
    return this.#current;
  }

  get next(): { enabled: boolean; keys: Keys } {
    return this.#next;
  }

  /** The certificates that a database will have from the next start on. */
  certificates(database: KeyDatabase): readonly Enrolled[] {
    return this.#next.keys === 'none' ? [] : (this.#changed[database] ?? this.#vendor[database]);
  }

  /** Enables or disables from the next start on. */
  setEnabled(enabled: boolean): void {
    this.#mustBeSupported();
    if (enabled && this.#next.keys === 'none')
      throw refuse('PropertyValueConflict', 'SecureBootEnable', 'SecureBootMode');
    this.#next = { ...this.#next, enabled };
  }

  /**
   * Puts a certificate (PEM) into a database. The platform key is the vendor's, and without one there is nothing to
   * keep others with.
   */
  enrol(database: KeyDatabase, pem: string, owner: string = LAB): Enrolled {
    this.#mustBeSupported();
    if (database === 'PK' || this.#next.keys === 'none')
      throw refuse('PropertyValueConflict', 'CertificateString', 'SecureBootMode');
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(owner))
      throw refuse('PropertyValueFormatError', owner, 'UefiSignatureOwner');
    let der: Buffer;
    try {
      der = new X509Certificate(pem).raw;
    } catch {
      throw refuse('PropertyValueFormatError', pem.slice(0, 64), 'CertificateString');
    }
    const held = this.certificates(database);
    if (held.some((one) => one.der.equals(der)))
      throw refuse('ResourceAlreadyExists', 'Certificate', 'CertificateString', pem.slice(0, 64));
    const made = { id: String(++this.#ids), der, owner: owner.toLowerCase() };
    this.#changed[database] = [...held, made];
    return made;
  }

  /** Takes a certificate out of a database. Throws ResourceNotFound; the platform key goes by ResetKeys only. */
  remove(database: KeyDatabase, id: string): void {
    const held = this.certificates(database);
    if (!held.some((one) => one.id === id)) throw refuse('ResourceNotFound', 'Certificate', id);
    if (database === 'PK') throw refuse('ResourceCannotBeDeleted');
    this.#changed[database] = held.filter((one) => one.id !== id);
  }

  /** Redfish's ResetKeys of all databases. Without keys the firmware is in setup mode and enforces nothing. */
  resetKeys(type: string): void {
    this.#mustBeSupported();
    if (type === 'ResetAllKeysToDefault') {
      this.#next = { ...this.#next, keys: 'default' };
      this.#changed = { ...this.#vendor };
    } else if (type === 'DeleteAllKeys' || type === 'DeletePK') {
      this.#next = { enabled: false, keys: 'none' };
      this.#changed = {};
    } else throw refuse('ActionParameterValueNotInList', type, 'ResetKeysType', 'ResetKeys');
  }

  /** ResetKeys of one database. */
  resetDatabase(database: KeyDatabase, type: string): void {
    this.#mustBeSupported();
    if (database === 'PK' && type === 'DeleteAllKeys') this.resetKeys('DeletePK');
    else if (type === 'ResetAllKeysToDefault') this.#changed[database] = this.#vendor[database];
    else if (type === 'DeleteAllKeys') this.#changed[database] = [];
    else throw refuse('ActionParameterValueNotInList', type, 'ResetKeysType', 'ResetKeys');
  }

  /** A start of the firmware; in legacy mode nothing is enforced, but the setting stays. */
  apply(uefi: boolean): BootPlan['secureBoot'] {
    this.#current = { enabled: this.#next.enabled && uefi, keys: this.#next.keys };
    return { ...this.#next, certificates: { ...this.#changed } };
  }

  get mode(): 'UserMode' | 'SetupMode' {
    return this.#current.keys === 'default' ? 'UserMode' : 'SetupMode';
  }

  #mustBeSupported(): void {
    if (!this.supported) throw refuse('PropertyNotWritable', 'SecureBootEnable');
  }
}
