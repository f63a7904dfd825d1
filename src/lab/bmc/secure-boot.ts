import { refuse } from './refusal.ts';

type Keys = 'default' | 'none';

/** UEFI Secure Boot: what is in force since the last start, and what the next one will bring. */
export class SecureBoot {
  readonly supported: boolean;
  #current: { enabled: boolean; keys: Keys };
  #next: { enabled: boolean; keys: Keys };

  constructor(supported: boolean) {
    this.supported = supported;
    this.#current = { enabled: false, keys: supported ? 'default' : 'none' };
    this.#next = this.#current;
  }

  get current(): { enabled: boolean; keys: Keys } {
    return this.#current;
  }

  get next(): { enabled: boolean; keys: Keys } {
    return this.#next;
  }

  /** Enables or disables from the next start on. */
  setEnabled(enabled: boolean): void {
    this.#mustBeSupported();
    if (enabled && this.#next.keys === 'none')
      throw refuse('PropertyValueConflict', 'SecureBootEnable', 'SecureBootMode');
    this.#next = { ...this.#next, enabled };
  }

  /** Redfish's ResetKeys. Without keys the firmware is in setup mode and enforces nothing. */
  resetKeys(type: string): void {
    this.#mustBeSupported();
    if (type === 'ResetAllKeysToDefault') this.#next = { ...this.#next, keys: 'default' };
    else if (type === 'DeleteAllKeys' || type === 'DeletePK') this.#next = { enabled: false, keys: 'none' };
    else throw refuse('ActionParameterValueNotInList', type, 'ResetKeysType', 'ResetKeys');
  }

  /** A start of the firmware; in legacy mode nothing is enforced, but the setting stays. */
  apply(uefi: boolean): { enabled: boolean; keys: Keys } {
    this.#current = { enabled: this.#next.enabled && uefi, keys: this.#next.keys };
    return { ...this.#next };
  }

  get mode(): 'UserMode' | 'SetupMode' {
    return this.#current.keys === 'default' ? 'UserMode' : 'SetupMode';
  }

  #mustBeSupported(): void {
    if (!this.supported) throw refuse('PropertyNotWritable', 'SecureBootEnable');
  }
}
