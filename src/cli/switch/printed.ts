import { type Command, Option } from 'commander';
import { Output, type OutputOptions, ROW_FORMATS } from '../output/output.ts';

/** Adds `-f`. */
export const addFormat = (command: Command): Command =>
  command.addOption(new Option('-f, --format <format>', 'how to print it').choices(ROW_FORMATS).default('table'));

/** Where rows and facts are printed as `-f` says. */
export function printer(options: Record<string, unknown>): Output {
  return new Output({
    format: options['format'] as OutputOptions['format'],
    columns: [],
    sortColumns: [],
    noIndent: false,
    width: process.stdout.isTTY ? process.stdout.columns : 0,
    write: (text) => void process.stdout.write(text),
  });
}
