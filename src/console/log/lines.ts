import { PlainText } from './plain-text.ts';
import type { PlacedRecord } from './record.ts';

/** A line of a recording, plain. */
export interface LogLine {
  /** When it began, milliseconds. */
  at: number;
  kind: 'output' | 'note';
  text: string;
}

/** Makes lines of records. No line holds text of two tenancies. */
export class LineMaker {
  readonly #plain = new PlainText();
  #tenancy: number | null | undefined;
  #began = 0;

  push(record: Pick<PlacedRecord, 'kind' | 'at' | 'tenancy' | 'bytes'>, line: (made: LogLine) => void): void {
    const output = (text: string) => line({ at: this.#began, kind: 'output', text });
    if (record.kind === 'note' || record.tenancy !== this.#tenancy) this.#plain.end(output);
    if (record.kind === 'note') {
      line({ at: record.at, kind: 'note', text: record.bytes.toString('utf8') });
      return;
    }
    this.#tenancy = record.tenancy;
    if (this.#plain.rest === '') this.#began = record.at;
    this.#plain.push(record.bytes, (text) => {
      output(text);
      this.#began = record.at;
    });
  }

  /** What is in the line that has not ended. */
  get rest(): string {
    return this.#plain.rest;
  }

  /** Ends the line begun. */
  end(line: (made: LogLine) => void): void {
    this.#plain.end((text) => line({ at: this.#began, kind: 'output', text }));
  }
}
