import { cellText, harmlessJson } from './cell.ts';
import { csv } from './csv.ts';
import { table } from './table.ts';

export const ROW_FORMATS = ['table', 'json', 'yaml', 'csv', 'value'] as const;
export const ONE_FORMATS = ['table', 'json', 'yaml', 'shell', 'value'] as const;
type Format = (typeof ROW_FORMATS)[number] | (typeof ONE_FORMATS)[number];

export interface OutputOptions {
  format: Format;
  /** Only these, in this order; empty for all. */
  columns: readonly string[];
  /** Rows are sorted by these afterwards. */
  sortColumns: readonly string[];
  /** JSON on one line. */
  noIndent: boolean;
  /** Columns of the terminal; 0 for any width. */
  width: number;
  write(text: string): void;
}

export type Row = Readonly<Record<string, unknown>>;

/** Prints what a command found. */
export class Output {
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** A sentence for a person. */
  say(text: string): void {
    this.#options.write(`${text}\n`);
  }

  /** Anything, as it is. */
  raw(text: string): void {
    this.#options.write(text);
  }

  /** Rows under headings. Throws TypeError when a wanted column is not there. */
  async rows(columns: readonly string[], rows: readonly Row[]): Promise<void> {
    const { format, sortColumns, noIndent, width, write } = this.#options;
    const chosen = this.#chosen(columns);
    const sorted = sortColumns.length === 0 ? rows : sortRows(rows, sortColumns);
    if (format === 'json' || format === 'yaml') {
      write(
        await this.#structured(
          sorted.map((row) => pick(row, chosen)),
          noIndent,
        ),
      );
      return;
    }
    const cells = sorted.map((row) => chosen.map((name) => row[name]));
    if (format === 'csv') write(csv(chosen, cells));
    else if (format === 'value') for (const row of cells) write(`${row.map(cellText).join(' ')}\n`);
    else write(table(chosen, cells, width));
  }

  /** One thing, a line a field. */
  async one(fact: Row): Promise<void> {
    const { format, noIndent, width, write } = this.#options;
    const chosen = this.#chosen(Object.keys(fact).sort());
    if (format === 'json' || format === 'yaml') write(await this.#structured(pick(fact, chosen), noIndent));
    else if (format === 'value') for (const name of chosen) write(`${cellText(fact[name])}\n`);
    else if (format === 'shell') for (const name of chosen) write(`${shellName(name)}=${shellText(fact[name])}\n`);
    else {
      write(
        table(
          ['Field', 'Value'],
          chosen.map((name) => [name, fact[name]]),
          width,
        ),
      );
    }
  }

  async #structured(value: unknown, noIndent: boolean): Promise<string> {
    if (this.#options.format === 'json') return `${harmlessJson(value, noIndent ? undefined : 2)}\n`;
    const { stringify } = await import('yaml');
    // Through JSON: what has no prototype, or is undefined, is written as JSON has it.
    return stringify(JSON.parse(JSON.stringify(value)));
  }

  #chosen(columns: readonly string[]): readonly string[] {
    const wanted = this.#options.columns;
    if (wanted.length === 0) return columns;
    return wanted.map((name) => {
      const found = columns.find((one) => plain(one) === plain(name));
      if (found === undefined) throw new TypeError(`There is no column "${name}"; there are ${columns.join(', ')}.`);
      return found;
    });
  }
}

/** `Power State` and `power-state` mean `power_state`: older clients had labels. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s-]+/g, '_');
}

function pick(row: Row, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

/** By several columns; `name:desc` turns one round. Numbers as numbers, nothing last. */
export function sortRows(rows: readonly Row[], by: readonly string[]): Row[] {
  const keys = by.map((one) => {
    const [name = '', direction = 'asc'] = one.split(':');
    return { name: plain(name), sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return [...rows].sort((a, b) => {
    for (const { name, sign } of keys) {
      const order = compare(a[name], b[name]);
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return Number(noA) - Number(noB);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [textA, textB] = [cellText(a), cellText(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function shellName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

/** Single quotes: `eval` of a name somebody else chose must run nothing. */
function shellText(value: unknown): string {
  return `'${(value === null ? '' : cellText(value)).replaceAll("'", `'\\''`)}'`;
}
