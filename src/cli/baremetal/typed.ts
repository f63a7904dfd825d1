import type { Row } from '#sdk/pages';
import type { CommandContext } from './context.ts';
import type { Arg } from './spec.ts';

/** The value of the argument at `at`. */
export function named(context: CommandContext, at: number): string {
  const arg = (context.spec.args ?? [])[at] as Arg;
  return context.typed.args[arg.name] ?? '';
}

/** What the command is to be done to, each once. */
export function targets({ spec, typed }: CommandContext): readonly string[] {
  const several = (spec.args ?? []).some((arg) => arg.many === true);
  return several ? [...new Set(typed.many)] : [typed.args[spec.args?.[0]?.name ?? ''] ?? ''];
}

/** `--fields a b` and `--fields a,b`. */
export function wantedFields({ typed }: CommandContext): string[] {
  return [...new Set(((typed.options['fields'] ?? []) as string[]).flatMap((word) => word.split(',')))].filter(Boolean);
}

/** Fields of a resource without links to others. */
export function facts(row: Row): Row {
  const kept = Object.entries(row).filter(
    ([name, value]) =>
      name !== 'links' && !(Array.isArray(value) && (value[0] as Row | undefined)?.['rel'] !== undefined),
  );
  return Object.fromEntries(kept);
}
