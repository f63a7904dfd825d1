import type { DestinationStream } from 'pino';

const COLOURS: Record<string, string> = { warn: '\x1b[33m', error: '\x1b[31m', fatal: '\x1b[41m', debug: '\x1b[2m' };

/** Turns a JSON line into one for people: time, level, message, then the other fields. */
export function prettyLine(line: string, colour: boolean): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, message, err, ...rest } = fields as Record<string, unknown> & { err?: { stack?: string } };
  const start = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}`;
  const facts = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const shade = colour ? (COLOURS[String(level)] ?? '') : '';
  const trace = err === undefined ? '' : `\n  ${typeof err?.stack === 'string' ? err.stack : JSON.stringify(err)}`;
  return `${shade}${start}${shade === '' ? '' : '\x1b[0m'}${facts.length === 0 ? '' : `  ${facts.join(' ')}`}${trace}\n`;
}

/** Writes lines for people to standard error. */
export function prettyStream(): DestinationStream {
  return { write: (line) => void process.stderr.write(prettyLine(line, process.stderr.isTTY === true)) };
}
