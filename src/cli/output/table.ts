import { cellText } from './cell.ts';

/** Columns are not made narrower than this to fit a terminal. */
const NARROWEST = 8;

/**
 * A table with a frame, as `openstack` draws it. `width`: columns of the terminal, 0 for any; the widest columns are
 * wrapped until the table fits.
 */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[], width = 0): string {
  const cells = rows.map((row) => row.map((value) => cellText(value).split('\n')));
  const widths = headings.map((heading, at) =>
    Math.max(lengthOf(heading), ...cells.map((row) => Math.max(0, ...(row[at] ?? []).map(lengthOf)))),
  );
  if (width > 0) narrow(widths, width);
  const rule = `+${widths.map((wide) => '-'.repeat(wide + 2)).join('+')}+`;
  const lines = [rule, ...lineUp([headings.map((heading) => [heading])], widths), rule];
  if (cells.length > 0) lines.push(...lineUp(cells, widths), rule);
  return `${lines.join('\n')}\n`;
}

/** Takes from the widest column, one by one, until all fit. Where they cannot, none is wrapped: that would help nobody. */
function narrow(widths: number[], width: number): void {
  const least = widths.reduce((sum, wide) => sum + Math.min(wide, NARROWEST) + 3, 1);
  if (least > width) return;
  let over = widths.reduce((sum, wide) => sum + wide + 3, 1) - width;
  while (over > 0) {
    const widest = Math.max(...widths);
    const next = Math.max(NARROWEST, ...widths.filter((wide) => wide < widest));
    const at = widths.indexOf(widest);
    if (widest <= NARROWEST) return;
    const cut = Math.min(over, Math.max(1, widest - next));
    widths[at] = Math.max(NARROWEST, widest - cut);
    over -= widest - (widths[at] ?? 0);
  }
}

function lineUp(rows: readonly (readonly (readonly string[])[])[], widths: readonly number[]): string[] {
  return rows.flatMap((row) => {
    const wrapped = widths.map((wide, at) => (row[at] ?? []).flatMap((line) => wrap(line, wide)));
    const height = Math.max(1, ...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const parts = widths.map((wide, at) => {
        const text = wrapped[at]?.[line] ?? '';
        return ` ${text}${' '.repeat(Math.max(0, wide - lengthOf(text)))} `;
      });
      return `|${parts.join('|')}|`;
    });
  });
}

/** At a blank where there is one in the second half, else anywhere. */
function wrap(text: string, width: number): string[] {
  const chars = [...text];
  const lines: string[] = [];
  while (chars.length > width) {
    const blank = chars.slice(0, width + 1).lastIndexOf(' ');
    const cut = blank > width / 2 ? blank : width;
    lines.push(chars.splice(0, cut).join(''));
    if (chars[0] === ' ') chars.shift();
  }
  return [...lines, chars.join('')];
}

function lengthOf(text: string): number {
  return [...text].length;
}
