import { cellText } from './cell.ts';

/**
 * Comma-separated values (RFC 4180). Text is quoted, numbers are not. A text that a spreadsheet would take for a
 * formula gets an apostrophe before it: what tenants write into names shall not run at the operator's desk.
 */
export function csv(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [headings.map(quoted), ...rows.map((row) => row.map(field))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: unknown): string {
  return typeof value === 'number' ? String(value) : quoted(value === null ? '' : cellText(value));
}

function quoted(text: string): string {
  const tame = /^[=+\-@\t]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text;
  return `"${tame.replaceAll('"', '""')}"`;
}
