import { Command, Option } from 'commander';
import { messageOf } from '#kernel/errors';
import { chosenClient } from '../cloud-options.ts';
import { EXIT, usageExits } from '../exit.ts';
import { ONE_FORMATS, Output, type OutputOptions, ROW_FORMATS } from '../output/output.ts';
import { type CommandContext, type Typed, UsageError, WaitError } from './context.ts';
import { execute } from './execute.ts';
import { sentenceOf } from './sentence.ts';
import { type Arg, type CommandSpec, type Opt, shapeOf } from './spec.ts';

/** `--wait` takes a number or nothing: what follows and is no number is the command's own. */
class LeafCommand extends Command {
  override parseOptions(argv: string[]) {
    return super.parseOptions(
      argv.map((word, at) => (word === '--wait' && !/^\d+$/.test(argv[at + 1] ?? '') ? '--wait=0' : word)),
    );
  }
}

/** The commander's form of one command of the table. */
export function leaf(spec: CommandSpec, word: string): Command {
  const command = usageExits(new LeafCommand(word)).summary(spec.about).description(spec.about);
  command.configureHelp({ showGlobalOptions: true });
  for (const { flags, about } of usageArgs(spec)) command.argument(flags, about);
  for (const option of allOptions(spec)) command.addOption(option);
  return command.action((...all: unknown[]) => run(spec, command, all.slice(0, -2)));
}

const usual = (arg: Arg) => {
  const name = `${arg.name}${arg.many === true ? '...' : ''}`;
  return { flags: arg.optional === true ? `[${name}]` : `<${name}>`, about: arg.about };
};

/** The parser wants the repeated argument last; where another follows it, both come as one. */
function usageArgs({ args = [] }: CommandSpec): { flags: string; about: string }[] {
  const [first, second] = args;
  if (first?.many !== true || second === undefined) return args.map(usual);
  return [{ flags: `<${first.name}...>`, about: `${first.about}; at the end ${second.name}: ${second.about}` }];
}

/** Every option of a command, those that its kind brings included. */
export function allOptions(spec: CommandSpec): Option[] {
  const own = (spec.options ?? []).map(asOption);
  const { action } = spec;
  const add = (flags: string, about: string, many = false) => {
    const option = new Option(flags, about);
    own.push(many ? option.argParser(collect) : option);
  };
  if (action.do === 'list') {
    if (action.paged === true) {
      add('--limit <n>', 'at most so many; 0 for all (the preset)');
      add('--marker <id>', 'begin after this one');
      add('--sort <key[:direction],...>', 'sort by these fields, asc or desc');
    }
    if (action.long !== undefined) {
      own.push(new Option('--long', 'every field').conflicts('fields'));
      add('--fields <field...>', 'only these fields');
    }
  }
  const shows = action.do === 'show' && action.fields !== undefined;
  if (shows || /^(node|port|port group) show$/.test(spec.name)) add('--fields <field...>', 'only these fields');
  if (action.do === 'provision' && action.reaches !== undefined) {
    add('--wait [seconds]', `wait until the state is ${action.reaches}; 0 or no number: as long as it takes`);
  }
  const shape = shapeOf(spec);
  if (shape !== 'none') own.push(...outputOptions(shape));
  return own;
}

function outputOptions(shape: 'rows' | 'one'): Option[] {
  const options = [
    new Option('-f, --format <format>', 'how to print it')
      .choices(shape === 'rows' ? ROW_FORMATS : ONE_FORMATS)
      .default('table'),
    new Option('-c, --column <column>', 'only this column (repeat it for more)').argParser(collect),
    ...(shape === 'rows'
      ? [new Option('--sort-column <column>', 'sort what came by this column (repeat it for more)').argParser(collect)]
      : []),
    new Option('--noindent', 'JSON on one line'),
    new Option('--max-width <columns>', 'wrap tables at this width; 0 for none (preset: the terminal)'),
  ];
  return options.map((option) => option.helpGroup('Output:'));
}

function asOption(spec: Opt): Option {
  const option = new Option(spec.flags, spec.about);
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.required === true) option.makeOptionMandatory();
  if (spec.kind === 'map' || spec.kind === 'texts') option.argParser(collect);
  return option;
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function run(spec: CommandSpec, command: Command, given: readonly unknown[]): Promise<void> {
  try {
    const all = command.optsWithGlobals<Record<string, unknown>>();
    const typed = typedOf(spec, given, command.opts());
    const client = await chosenClient(all);
    const context: CommandContext = {
      spec,
      typed,
      out: new Output(outputOf(typed.options)),
      connection: client.baremetal,
      events: client.operations,
    };
    await execute(context);
  } catch (error) {
    for (const line of sentenceOf(error).split('\n')) process.stderr.write(`ingot: ${line}\n`);
    if (process.env['INGOT_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    process.exitCode = codeOf(error);
  }
}

function codeOf(error: unknown): number {
  if (error instanceof WaitError) return EXIT.wait;
  const usage = error instanceof UsageError || (error instanceof TypeError && messageOf(error).includes('column'));
  return usage ? EXIT.usage : EXIT.refused;
}

/** Gives each argument its name. */
function typedOf(spec: CommandSpec, given: readonly unknown[], options: Record<string, unknown>): Typed {
  const args: Record<string, string | undefined> = {};
  const words = given.flat().filter((word): word is string => typeof word === 'string');
  const wanted = spec.args ?? [];
  const after = wanted.length - 1 - wanted.findIndex((arg) => arg.many === true);
  const several = wanted.some((arg) => arg.many === true);
  let many: string[] = [];
  let at = 0;
  for (const arg of wanted) {
    if (arg.many === true) {
      many = words.slice(at, Math.max(at, words.length - after));
      at += many.length;
      continue;
    }
    const value = words[at++];
    if (value === undefined) throw new UsageError(`${arg.name} is missing: ${arg.about}.`);
    if (arg.choices !== undefined && !arg.choices.includes(value)) {
      throw new UsageError(`${arg.name} is one of ${arg.choices.join(', ')}, not "${value}".`);
    }
    args[arg.name] = value;
  }
  const needs = wanted.find((arg) => arg.many === true && arg.optional !== true);
  if (several && needs !== undefined && many.length === 0) throw new UsageError(`${needs.name} are missing.`);
  return { args, many, options };
}

function outputOf(options: Readonly<Record<string, unknown>>): OutputOptions {
  const width = options['maxWidth'] ?? (process.stdout.isTTY ? process.stdout.columns : 0);
  return {
    format: (options['format'] ?? 'table') as OutputOptions['format'],
    columns: (options['column'] ?? []) as string[],
    sortColumns: (options['sortColumn'] ?? []) as string[],
    noIndent: options['noindent'] === true,
    width: Number(width) || 0,
    write: (text) => void process.stdout.write(text),
  };
}
