import type { DoorVersions, VersionHeaders } from './contract.ts';
import { HttpErrors } from './errors.ts';
import type { IngotError } from '#kernel/errors';

/** Ironic's names for its microversion headers. */
export const IRONIC_VERSION_HEADERS: VersionHeaders = {
  service: 'baremetal',
  own: 'X-OpenStack-Ironic-API-Version',
  min: 'X-OpenStack-Ironic-API-Minimum-Version',
  max: 'X-OpenStack-Ironic-API-Maximum-Version',
};

/** What came of reading a request's version headers. */
export interface Negotiated {
  minor: number;
  /** Name and value by turns, for every reply to this request. */
  headers: readonly string[];
  /** Why the request is refused. */
  refusal?: IngotError;
  /** True when the client named a version, false when it got the fallback. */
  asked: boolean;
}

type Headers = Record<string, string | string[] | undefined>;

/** Reads a door's version headers. One per door; answers are kept, so that a request costs a look-up. */
export class VersionReader {
  readonly #versions: DoorVersions;
  readonly #names: VersionHeaders;
  readonly #own: string | undefined;
  readonly #major: number;
  readonly #known = new Map<string, Negotiated>();
  readonly #fallback: Negotiated;

  constructor(versions: DoorVersions) {
    this.#versions = versions;
    this.#names = versions.headers ?? IRONIC_VERSION_HEADERS;
    this.#own = this.#names.own?.toLowerCase();
    this.#major = versions.major ?? 1;
    this.#fallback = { minor: versions.fallback, headers: this.#headersOf(versions.fallback), asked: false };
  }

  /** The version a request asks for. Never throws: see `refusal`. */
  read(headers: Headers): Negotiated {
    const standard = headers['openstack-api-version'];
    if (standard !== undefined) {
      const word = this.#ofService(String(standard));
      if (word !== undefined) return this.#of(word);
    }
    const own = this.#own === undefined ? undefined : headers[this.#own];
    return own === undefined || own === '' ? this.#fallback : this.#of(String(own));
  }

  /** The version in `compute 2.1, baremetal 1.50` that is meant for this service; the last one counts. */
  #ofService(value: string): string | undefined {
    const parts = value.split(',');
    for (let i = parts.length - 1; i >= 0; i--) {
      const [service, version] = (parts[i] ?? '').trim().split(/\s+/, 2);
      if (version !== undefined && service?.toLowerCase() === this.#names.service) return version;
    }
    return undefined;
  }

  #of(word: string): Negotiated {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const made = this.#parse(word.trim());
    // Clients choose the key, so the number of answers kept is bounded.
    if (word.length < 32 && this.#known.size < 1024) this.#known.set(word, made);
    return made;
  }

  #parse(word: string): Negotiated {
    const { min, max } = this.#versions;
    if (word.toLowerCase() === 'latest') return { minor: max, headers: this.#headersOf(max), asked: true };
    const match = /^(\d{1,9})\.(\d{1,9})$/.exec(word);
    if (match === null) {
      // As Ironic: a version nobody can read is refused before any version header is set.
      const header = this.#names.own ?? 'OpenStack-API-Version';
      return { minor: min, headers: [], refusal: HttpErrors.VersionUnreadable(header), asked: true };
    }
    const minor = Number(match[2]);
    if (Number(match[1]) !== this.#major || minor < min || minor > max) {
      const shown = `${Number(match[1])}.${minor}`;
      const refusal = HttpErrors.VersionUnknown(shown, this.#text(min), this.#text(max));
      return { minor: min, headers: this.#range(), refusal, asked: true };
    }
    return { minor, headers: this.#headersOf(minor), asked: true };
  }

  #text(minor: number): string {
    return `${this.#major}.${minor}`;
  }

  #range(): string[] {
    const out: string[] = [];
    if (this.#names.min !== undefined) out.push(this.#names.min, this.#text(this.#versions.min));
    if (this.#names.max !== undefined) out.push(this.#names.max, this.#text(this.#versions.max));
    return out;
  }

  #headersOf(minor: number): string[] {
    const out = this.#range();
    if (this.#names.own !== undefined) out.push(this.#names.own, this.#text(minor));
    if (this.#names.standard === true) {
      out.push('OpenStack-API-Version', `${this.#names.service} ${this.#text(minor)}`, 'Vary', 'OpenStack-API-Version');
    }
    return out;
  }
}
