import { type DestinationStream, destination, pino } from 'pino';
import { maskSecrets } from './mask.ts';
import { prettyStream } from './pretty.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Facts of a line. Known keys: `requestId`, `node` (uuid), `err` (anything thrown). Secrets in it are masked. */
export type LogFields = Record<string, unknown>;

/** What rooms write their log with. Lines are JSON on standard error, one a line. */
export interface Log {
  trace(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
  /** A log whose every line carries `fields`. */
  child(fields: LogFields): Log;
  /** Would a line of this level be written? Ask before making costly fields. */
  enabled(level: LogLevel): boolean;
  /** Writes out what is buffered; for the end of the program. */
  flush(): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Lines for people instead of JSON. */
  pretty?: boolean;
  /** Fields of every line: `{ role: 'api' }`. */
  fields?: LogFields;
  /** Where lines go; standard error by default. For tests. */
  write?: (line: string) => void;
}

/** The program's log. Create one in the composition root and hand it (or children of it) to the rooms. */
export function createLog(options: LogOptions): Log {
  // Not synchronous: a reader of our stderr that stalls must not stall the API. Flushed at exit by pino itself.
  const out: DestinationStream = options.write
    ? { write: options.write }
    : options.pretty
      ? prettyStream()
      : destination({ fd: 2, sync: false });
  const logger = pino(
    {
      level: options.level,
      base: options.fields ? maskSecrets(options.fields) : {},
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => maskSecrets(fields),
      },
      // Errors are made plain by maskSecrets, with their causes; pino's own serializer would flatten them again.
      serializers: { err: (err: unknown) => err },
    },
    out,
  );
  return wrap(logger);
}

/** A log that writes nothing. */
export const silentLog: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
  child: () => silentLog,
  enabled: () => false,
  flush: () => {},
};

function wrap(logger: import('pino').Logger): Log {
  return {
    trace: (fields, message) => logger.trace(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => logger.fatal(fields, message),
    // pino's formatters do not see what a child binds.
    child: (fields) => wrap(logger.child(maskSecrets(fields))),
    enabled: (level) => logger.isLevelEnabled(level),
    flush: () => logger.flush(),
  };
}
