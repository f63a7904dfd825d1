import type { Clock } from '#kernel/clock';

export type Facts = Readonly<Record<string, unknown>>;

/** The agent's log: to the console of the ramdisk, and kept for whoever collects it. */
export interface AgentLog {
  info(text: string, facts?: Facts): void;
  warn(text: string, facts?: Facts): void;
  /** The last lines. */
  lines(): readonly string[];
}

const KEPT = 4000;

/** Writes lines `2026-01-01T00:00:00.000Z info text {"facts":…}`. */
export function agentLog(clock: Clock, write: (line: string) => void): AgentLog {
  const kept: string[] = [];
  const say = (level: string, text: string, facts?: Facts) => {
    const line = `${new Date(clock.now()).toISOString()} ${level} ${text}${facts === undefined ? '' : ` ${JSON.stringify(facts)}`}`;
    kept.push(line);
    if (kept.length > KEPT) kept.splice(0, KEPT / 4);
    write(line);
  };
  return {
    info: (text, facts) => say('info', text, facts),
    warn: (text, facts) => say('warn', text, facts),
    lines: () => kept,
  };
}
