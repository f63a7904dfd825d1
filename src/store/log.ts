/** Where the store tells what happens to it. A pino logger fits as it is. */
export interface StoreLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Says nothing. */
export const silentLog: StoreLog = { info() {}, warn() {}, error() {} };
