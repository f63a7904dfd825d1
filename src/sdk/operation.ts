/** One operation of a service, as data. The types of what it takes and gives ride along and cost nothing. */
export interface Operation<Params = unknown, Query = unknown, Body = unknown, Response = unknown> {
  readonly id: string;
  readonly method: string;
  /** With its service's prefix: `/v1/nodes/:node_ident`. */
  readonly path: string;
  /** Minor microversion it needs. */
  readonly since?: number;
  /** Lists in its query are written as the argument once for each, not with commas. */
  readonly repeats?: boolean;
  /** Never there. */
  readonly carries?: { params: Params; query: Query; body: Body; response: Response };
}

/** Members whose value may be left out need not be given. */
type Given<Name extends string, T> = [T] extends [undefined]
  ? { readonly [K in Name]?: undefined }
  : undefined extends T
    ? { readonly [K in Name]?: T }
    : Record<string, never> extends T
      ? { readonly [K in Name]?: T }
      : { readonly [K in Name]: T };

/** What a call of an operation takes. Query arguments may all be left out. */
export type InputOf<O> =
  O extends Operation<infer P, infer Q, infer B, unknown>
    ? Given<'params', P> & { readonly query?: Q | undefined } & Given<'body', B> & CallOptions
    : never;

export type ResponseOf<O> = O extends Operation<infer _P, infer _Q, infer _B, infer R> ? R : never;

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds for the whole call, retries apart. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A call's input where the operation is known only when the program runs. */
export interface LooseInput extends CallOptions {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/** The path and query of a call. Parameters are escaped; lists are written with commas, or once for each. */
export function targetOf(operation: Operation, input: LooseInput): string {
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = input.params?.[name];
    // An empty name would mean the whole collection: DELETE of everything in the worst case.
    if (value === undefined || value === '') throw new TypeError(`${operation.id}: ${name} is missing`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value) && operation.repeats === true) for (const one of value) query.append(name, String(one));
    else query.append(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
