import { errorSentence } from '../error-body.ts';
import { errors, SdkError } from '../errors.ts';
import type { Auth, AuthTools, EndpointWish, IssuedToken } from './contract.ts';

/** A token this close to its end is not used any more: the request must still be good when it arrives. */
const SPARE_MS = 60_000;

interface CatalogEntry {
  type: string;
  name?: string;
  endpoints: { interface: string; region?: string; region_id?: string; url: string }[];
}

interface TokenBody {
  token: {
    expires_at: string;
    user?: { id?: string };
    project?: { id?: string };
    catalog?: CatalogEntry[];
  };
}

/** A token from Keystone's v3 API, and the catalog that came with it. */
export class KeystoneAuth implements Auth {
  readonly #url: string;
  readonly #identity: Record<string, unknown>;
  readonly #scope: unknown;
  #issued: Promise<{ token: IssuedToken; catalog: readonly CatalogEntry[] }> | undefined;
  #endsAt = 0;

  /** `identity` and `scope`: the body of a login. `url`: with or without `/v3` at its end. */
  constructor(url: string, identity: Record<string, unknown>, scope: unknown) {
    const base = url.replace(/\/+$/, '');
    this.#url = base.endsWith('/v3') ? base : `${base}/v3`;
    this.#identity = identity;
    this.#scope = scope;
  }

  async headers(tools: AuthTools): Promise<Record<string, string>> {
    return { 'X-Auth-Token': (await this.token(tools)).id };
  }

  async token(tools: AuthTools): Promise<IssuedToken> {
    return (await this.#login(tools)).token;
  }

  async endpoint({ serviceType, region, interface: face }: EndpointWish, tools: AuthTools): Promise<string> {
    const { catalog } = await this.#login(tools);
    for (const service of catalog) {
      if (service.type !== serviceType) continue;
      const found = service.endpoints.find(
        (one) => one.interface === face && (region === '' || (one.region_id ?? one.region) === region),
      );
      if (found !== undefined) return found.url.replace(/\/+$/, '');
    }
    // The login itself says where identity is, whatever the catalog leaves out.
    if (serviceType === 'identity') return this.#url.replace(/\/v3$/, '');
    throw errors.NoEndpoint(serviceType, region);
  }

  renew(): boolean {
    if (this.#issued === undefined) return false;
    this.#issued = undefined;
    return true;
  }

  #login(tools: AuthTools) {
    if (this.#issued !== undefined && tools.now() < this.#endsAt - SPARE_MS) return this.#issued;
    this.#endsAt = Number.POSITIVE_INFINITY;
    const issued = this.#issue(tools);
    this.#issued = issued;
    issued.catch(() => {
      if (this.#issued === issued) this.#issued = undefined;
    });
    return issued;
  }

  async #issue(tools: AuthTools) {
    const auth = { identity: this.#identity, ...(this.#scope === undefined ? {} : { scope: this.#scope }) };
    const response = await tools
      .fetch(`${this.#url}/auth/tokens`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ auth }),
        redirect: 'error',
        signal: AbortSignal.timeout(tools.timeoutMs),
      })
      .catch((cause: unknown) => {
        throw new SdkError('Unreachable', 0, `${this.#url} does not answer.`, { cause });
      });
    const text = await response.text();
    const id = response.headers.get('X-Subject-Token');
    if (!response.ok || id === null) {
      throw new SdkError('LoginRefused', response.status, errorSentence(text) || 'The login was refused.', {
        requestId: response.headers.get('X-Openstack-Request-Id') ?? undefined,
      });
    }
    const { token } = JSON.parse(text) as TokenBody;
    this.#endsAt = Date.parse(token.expires_at);
    return {
      token: {
        id,
        expires: token.expires_at,
        projectId: token.project?.id ?? null,
        userId: token.user?.id ?? null,
      },
      catalog: token.catalog ?? [],
    };
  }
}
