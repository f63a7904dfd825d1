import type { Counter, Metrics } from '#platform/metrics';
import type { Ticket } from './sessions/ticket.ts';
import type { LineState } from './store/lines.ts';

/** What `/metrics` says of consoles. */
export interface ConsoleMeters {
  /** Bytes that machines said. */
  readonly output: Counter;
  /** Lines that were lost. */
  readonly interrupted: Counter;
  /** Whom to ask before each rendering. */
  look(ask: () => { lines: Record<LineState, number>; sessions: Record<Ticket['kind'], number> }): void;
}

/** Makes them. Machines have no metrics of their own: their number has no bound. */
export function meterConsoles(metrics: Metrics): ConsoleMeters {
  const lines = metrics.gauge('ingot_console_lines', 'Serial lines this conductor records, by state', ['state']);
  const sessions = metrics.gauge('ingot_console_sessions', 'People at consoles of this conductor, by kind', ['kind']);
  return {
    output: metrics.counter('ingot_console_output_bytes_total', 'Bytes that recorded machines said').with({}),
    interrupted: metrics.counter('ingot_console_interruptions_total', 'Serial lines that were lost').with({}),
    look(ask) {
      metrics.beforeRender(() => {
        const now = ask();
        for (const [state, count] of Object.entries(now.lines)) lines.with({ state }).set(count);
        for (const [kind, count] of Object.entries(now.sessions)) sessions.with({ kind }).set(count);
      });
    },
  };
}
