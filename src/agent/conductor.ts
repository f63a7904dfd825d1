import { TOKEN_LENGTH, type Heartbeat, type LookupAnswer } from '#agent-api/wire';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { SECRET_MASK } from '#kernel/secret';
import { isObject } from './commands/parameters.ts';
import { errors } from './errors.ts';
import { askJson, type JsonAnswer, type Trust } from './http/request.ts';
import type { AgentLog } from './log.ts';
import type { AgentParameters } from './parameters.ts';

/** Newest Bare Metal API version this agent has something to say to. */
const NEWEST = 72;
/** Before this one there is no token. */
const OLDEST = 62;
/** Conductors up to this one (Debian's 21.4 is one) ask how commands go without showing the token. */
const ASKS_WITHOUT_TOKEN = 82;
/** From this one on, a heartbeat carries the certificate. */
const WITH_CERTIFICATE = 68;

export interface ConductorOptions {
  parameters: AgentParameters;
  trust: Trust;
  clock: Clock;
  log: AgentLog;
}

/** The Bare Metal API that the agent calls home to. */
export class Conductor {
  readonly #options: ConductorOptions;
  #at = 0;
  #minor: number | undefined;
  #newest: number | undefined;

  constructor(options: ConductorOptions) {
    if (options.parameters.apiUrls.length === 0) throw errors.NoApiUrl();
    this.#options = options;
  }

  get url(): string {
    const urls = this.#options.parameters.apiUrls;
    return urls[this.#at % urls.length] as string;
  }

  /** Should a heartbeat carry the certificate? */
  async takesCertificates(): Promise<boolean> {
    return (await this.#version()) >= WITH_CERTIFICATE;
  }

  /** Is it so old that it reads results without the token? */
  get asksWithoutToken(): boolean {
    return this.#newest !== undefined && this.#newest <= ASKS_WITHOUT_TOKEN;
  }

  /**
   * Asks once for the node: null while the conductor does not know it (yet). Throws `TokenTaken` when somebody else
   * was given its token, `RequestFailed` for any other answer.
   */
  async lookup(macs: readonly string[], nodeUuid: string | null): Promise<LookupAnswer | null> {
    const query = new URLSearchParams();
    if (macs.length > 0) query.set('addresses', macs.join(','));
    if (nodeUuid !== null) query.set('node_uuid', nodeUuid);
    const answer = await this.#ask('GET', `/v1/lookup?${query}`, Math.max(OLDEST, await this.#version()));
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw this.#unexpected('Lookup', answer);
    const found = lookupOf(answer.body);
    if (found === null) throw errors.RequestFailed('Lookup', 'the answer names no node');
    const token = found.config.agent_token;
    if (token === SECRET_MASK) throw errors.TokenTaken();
    // A token that is too short is none: it could be guessed.
    if (typeof token === 'string' && token.length < TOKEN_LENGTH) delete found.config.agent_token;
    return found;
  }

  /** Says that the agent is there. Throws `RequestFailed` for anything but 202. */
  async heartbeat(nodeUuid: string, body: Heartbeat): Promise<void> {
    const answer = await this.#ask('POST', `/v1/heartbeat/${nodeUuid}`, await this.#version(), body);
    if (answer.status !== 202) throw this.#unexpected('Heartbeat', answer);
  }

  /** Takes the next of the API's URLs. */
  next(): void {
    this.#at++;
    this.#minor = undefined;
  }

  /** Minor version to speak: the server's newest that we know; 31 when it does not say. */
  async #version(): Promise<number> {
    if (this.#minor !== undefined) return this.#minor;
    const { clock, log } = this.#options;
    try {
      const { body } = await askJson({
        method: 'GET',
        url: `${this.url}/`,
        trust: this.#trust(),
        totalMs: 30_000,
        clock,
      });
      const told = isObject(body) && isObject(body['default_version']) ? body['default_version']['version'] : undefined;
      const minor = Number(/^1\.(\d+)$/.exec(String(told))?.[1] ?? Number.NaN);
      this.#newest = Number.isNaN(minor) ? undefined : minor;
      this.#minor = Number.isNaN(minor) ? 31 : Math.min(minor, NEWEST);
      return this.#minor;
    } catch (error) {
      log.warn('the API does not tell its version', { url: this.url, error: messageOf(error) });
      throw error;
    }
  }

  async #ask(method: 'GET' | 'POST', path: string, minor: number, json?: unknown): Promise<JsonAnswer> {
    const { clock, parameters } = this.#options;
    return await askJson({
      method,
      url: `${this.url}${path}`,
      headers: {
        'x-openstack-ironic-api-version': `1.${minor}`,
        ...(parameters.globalRequestId === null ? {} : { 'x-openstack-request-id': parameters.globalRequestId }),
      },
      ...(json === undefined ? {} : { json }),
      trust: this.#trust(),
      totalMs: 60_000,
      clock,
    });
  }

  #trust(): Trust {
    return this.#options.trust;
  }

  #unexpected(what: string, answer: JsonAnswer) {
    const body = answer.body;
    const said = isObject(body) ? (body['error_message'] ?? body['message'] ?? body['faultstring']) : undefined;
    const text = typeof said === 'string' ? said : said === undefined ? '' : JSON.stringify(said);
    return errors.RequestFailed(what, `status ${answer.status} ${text.slice(0, 500)}`.trim(), {
      details: { status: answer.status },
    });
  }
}

function lookupOf(body: unknown): LookupAnswer | null {
  if (!isObject(body) || !isObject(body['node']) || !isObject(body['config'])) return null;
  if (typeof body['node']['uuid'] !== 'string') return null;
  const { config } = body;
  const timeout = Number(config['heartbeat_timeout']);
  return {
    node: body['node'] as LookupAnswer['node'],
    config: { ...config, heartbeat_timeout: timeout > 0 ? timeout : 300 },
  };
}
