/** A serial line that is open. */
export interface OpenLine {
  /** How it was reached, for people. */
  readonly via: string;
  /** Types; resolves when the line has taken it. Nothing happens on a line that is gone. */
  write(bytes: Buffer): Promise<void>;
  /** A break on the line; absent where the way there knows none. */
  sendBreak?(): void;
  /** Resolves, never rejects, with the reason when the line is gone. */
  readonly closed: Promise<string>;
  close(): void;
}

/** What opening a line takes. */
export interface LineWish {
  /** Called with what the machine says. */
  data(bytes: Buffer): void;
  signal: AbortSignal;
  /** Called in the tick in which something is asked of the BMC. */
  beforeWrite(): void;
}
