import { errors } from './errors.ts';

/** The newest microversion of Bare Metal this SDK knows: what a newer server adds it would not understand. */
export const NEWEST = 115;

const HEADER = 'X-OpenStack-Ironic-API-Version';
const MAX_HEADER = 'X-OpenStack-Ironic-API-Maximum-Version';

/**
 * Which microversion to speak. Asks for the newest this SDK knows; a server that answers 406 names its own newest,
 * which is spoken from then on. So agreeing costs no request of its own where both are equally new.
 */
export class Microversion {
  #minor: number;
  readonly #fixed: boolean;

  /** `wanted`: `1.72` for this one and no other; `latest` or undefined for the newest both know. */
  constructor(wanted?: string) {
    const [, minor] = /^1(?:\.(\d{1,4}))?$/.exec(wanted ?? '') ?? [];
    if (wanted !== undefined && wanted !== 'latest' && !/^1(\.\d{1,4})?$/.test(wanted)) {
      throw errors.VersionUnreadable(wanted);
    }
    this.#fixed = minor !== undefined;
    this.#minor = minor === undefined ? NEWEST : Number(minor);
  }

  get minor(): number {
    return this.#minor;
  }

  headers(): Record<string, string> {
    return { [HEADER]: `1.${this.#minor}` };
  }

  /** Looks at a 406. True when the call is worth repeating with a version the server knows. */
  settle(headers: Headers): boolean {
    const [, minor] = /^1\.(\d+)$/.exec(headers.get(MAX_HEADER) ?? '') ?? [];
    if (this.#fixed || minor === undefined || Number(minor) >= this.#minor) return false;
    this.#minor = Number(minor);
    return true;
  }
}
