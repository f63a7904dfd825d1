/** What a caller may do about an error. */
export interface IngotErrorOptions {
  /** The error below this one; logged, never shown to a client. */
  cause?: unknown;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfter?: number;
  /** Facts for the log and for clients that read JSON; no secrets. */
  details?: Record<string, unknown>;
}

/**
 * The one error class of the product. `code` is stable and documented (each room keeps a table of its
 * codes), `status` is the HTTP status it maps to, `message` is safe to show to a client.
 */
export class IngotError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: string, status: number, message: string, options: IngotErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IngotError';
    this.code = code;
    this.status = status;
    this.retryAfter = options.retryAfter;
    this.details = options.details;
  }
}

type Template = (...args: never[]) => string;

/**
 * Makes a room's error table: `defineErrors({ NodeLocked: [409, (node: string) => `Node ${node} is locked`] })`
 * gives constructors `errors.NodeLocked('n1')`. The key is the stable code.
 */
export function defineErrors<T extends Record<string, readonly [status: number, message: Template]>>(
  table: T,
): { [K in keyof T]: (...args: [...Parameters<T[K][1]>, options?: IngotErrorOptions]) => IngotError } {
  const made: Record<string, (...args: unknown[]) => IngotError> = {};
  for (const [code, [status, message]] of Object.entries(table)) {
    made[code] = (...args) => {
      const text = (message as (...a: unknown[]) => string)(...args);
      const options = args.length > message.length ? (args[message.length] as IngotErrorOptions) : undefined;
      return new IngotError(code, status, text, options);
    };
  }
  return made as never;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  // What a BMC says goes into the database, which holds neither of the two.
  return said.toWellFormed().replaceAll('\0', '\uFFFD');
}
