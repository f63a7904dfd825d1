import { IngotError } from '#kernel/errors';
import type { ErrorFacts } from './contract.ts';
import { HttpErrors } from './errors.ts';

/** An error, ready to be told to a client. */
export interface Failure extends ErrorFacts {
  retryAfter: number | undefined;
  /** True when the log should have the whole chain: somebody of ours must look at it. */
  ours: boolean;
}

/** Statuses of 5xx whose message is about the service's state, not about its insides. */
const TELLABLE = new Set([501, 503, 504, 507]);

/** Fastify's and Node's own errors that are the client's doing, by code. */
const FOREIGN: Record<string, (limit: number) => IngotError> = {
  FST_ERR_BAD_URL: () => HttpErrors.BadUrl('bad percent encoding'),
  FST_ERR_MAX_PARAM_LENGTH: (limit) => HttpErrors.UrlTooLong(limit),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => HttpErrors.BadBody('bad content type'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => HttpErrors.BodyMissing(),
  ECONNRESET: () => HttpErrors.ClientGone(),
  ECONNABORTED: () => HttpErrors.ClientGone(),
};

/**
 * Turns anything thrown into what the client is told. Messages of 4xx and of 501, 503, 504 are shown; every
 * other failure reads the same generic sentence with the request id, so that nothing internal leaks.
 */
export function failureOf(error: unknown, requestId: string): Failure {
  const known = error instanceof IngotError ? error : foreign(error);
  if (known !== undefined) {
    const status = known.status;
    if (status < 500 || TELLABLE.has(status)) {
      const facts: Failure = {
        status,
        code: known.code,
        message: known.message,
        retryAfter: known.retryAfter ?? (status === 503 ? 1 : undefined),
        ours: status >= 500,
      };
      if (known.details !== undefined) facts.details = known.details;
      return facts;
    }
  }
  const generic = HttpErrors.Internal(requestId);
  return {
    status: known !== undefined && known.status > 500 && known.status < 600 ? known.status : 500,
    code: known?.code ?? generic.code,
    message: generic.message,
    retryAfter: known?.retryAfter,
    ours: true,
  };
}

function foreign(error: unknown): IngotError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return undefined;
  return FOREIGN[code]?.(0);
}
