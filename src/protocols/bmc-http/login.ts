import type { Clock } from '#kernel/clock';
import type { BmcAccess } from './access.ts';
import { errors } from './errors.ts';
import type { BmcAnswer } from './client.ts';

/** A BMC that refused a password is not asked with it again for so long: many lock accounts. Milliseconds. */
const REFUSED_MS = 60_000;

/** How the client sends what logging in needs: no credentials are added to it. */
export interface LoginWire {
  get(path: string): Promise<BmcAnswer>;
  post(path: string, body: unknown): Promise<BmcAnswer>;
  delete(path: string, headers: Record<string, string>): Promise<BmcAnswer>;
  /** A link of the BMC as a path. Throws BmcForeignLink. */
  path(link: string): string;
}

interface Session {
  token: string;
  /** Null: the BMC did not say where it is, it ends by itself. */
  path: string | null;
}

/**
 * Who we are to one BMC: one session, used by all requests and closed at the end, or basic authentication where the
 * BMC has no sessions or none left (DSP0266, 13.3).
 */
export class Login {
  readonly #access: BmcAccess;
  readonly #wire: LoginWire;
  readonly #clock: Clock;
  #session: Session | undefined;
  #opening: Promise<void> | undefined;
  #basic: boolean;
  #refusedUntil = Number.NEGATIVE_INFINITY;

  constructor(access: BmcAccess, wire: LoginWire, clock: Clock) {
    this.#access = access;
    this.#wire = wire;
    this.#clock = clock;
    this.#basic = access.auth === 'basic';
  }

  /** Headers of a request. Opens the session when there is none. Throws BmcLoginRefused. */
  async headers(): Promise<Record<string, string>> {
    const { username, password, auth, origin } = this.#access;
    if (auth === 'none' || username === null) return {};
    if (this.#clock.monotonic() < this.#refusedUntil) throw errors.BmcLoginRefused(origin);
    if (!this.#basic && this.#session === undefined) {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    if (this.#session !== undefined) return { 'x-auth-token': this.#session.token };
    const pair = Buffer.from(`${username}:${password?.reveal() ?? ''}`, 'utf8').toString('base64');
    return { authorization: `Basic ${pair}` };
  }

  /** The BMC answered 401 to a request with `sent`. True: another attempt makes sense, it was never carried out. */
  refused(sent: Record<string, string>): boolean {
    const token = sent['x-auth-token'];
    if (token !== undefined) {
      // the session ran out, or the BMC restarted; whoever is first opens the next
      if (this.#session?.token === token) this.#session = undefined;
      return true;
    }
    if (sent['authorization'] !== undefined) {
      this.#refusedUntil = this.#clock.monotonic() + REFUSED_MS;
      this.#basic = this.#access.auth === 'basic';
    }
    return false;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined || session.path === null) return;
    await this.#wire.delete(session.path, { 'x-auth-token': session.token });
  }

  async #open(): Promise<void> {
    const { username, password, auth, origin } = this.#access;
    const where = await this.#sessionsPath();
    const answer = await this.#wire.post(where, { UserName: username, Password: password?.reveal() ?? '' });
    const token = answer.headers['x-auth-token'];
    if (answer.status < 300 && typeof token === 'string') {
      this.#session = { token, path: this.#locationOf(answer) };
      return;
    }
    if (answer.status === 401 || (answer.status === 403 && auth === 'session')) {
      this.#refusedUntil = this.#clock.monotonic() + REFUSED_MS;
      throw errors.BmcLoginRefused(origin);
    }
    if (auth === 'session') throw errors.BmcBadAnswer(`POST ${where}`, `no session was opened (${answer.status})`);
    this.#basic = true;
  }

  /** Where sessions are made, as the service root says; it needs no login. */
  async #sessionsPath(): Promise<string> {
    const usual = '/redfish/v1/SessionService/Sessions';
    const root = await this.#wire.get('/redfish/v1/');
    const links = (root.body as { Links?: { Sessions?: { '@odata.id'?: unknown } } } | null)?.Links;
    const told = links?.Sessions?.['@odata.id'];
    return typeof told === 'string' ? this.#wire.path(told) : usual;
  }

  /** A session's place comes as a path, as a whole address, or only in the body. */
  #locationOf(answer: BmcAnswer): string | null {
    const said = answer.headers['location'];
    const inBody = (answer.body as { '@odata.id'?: unknown } | null)?.['@odata.id'];
    for (const link of [said, inBody]) {
      if (typeof link !== 'string') continue;
      try {
        return this.#wire.path(link);
      } catch {
        // some name themselves by another address than the one they were asked at; then it ends by itself
      }
    }
    return null;
  }
}
