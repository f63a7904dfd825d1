import { callBy, type CommandContext, UsageError } from './context.ts';
import type { Call } from './spec.ts';
import { optionValue } from './values.ts';

/** One operation of a JSON patch (RFC 6902). */
export interface Change {
  op: 'add' | 'remove';
  path: string;
  value?: unknown;
}

/** The changes that the options of a `set` or `unset` ask for. */
export function changesOf({ spec, typed }: CommandContext, how: 'set' | 'unset'): Change[] {
  const changes: Change[] = [];
  for (const option of spec.options ?? []) {
    const value = optionValue(option, typed.options);
    if (value === undefined || option.to === '') continue;
    const path = `/${option.to}`;
    if (how === 'unset') {
      if (Array.isArray(value)) for (const key of value) changes.push({ op: 'remove', path: `${path}/${String(key)}` });
      else changes.push({ op: 'remove', path });
    } else if (option.kind === 'map') {
      for (const [key, item] of Object.entries(value as object)) {
        changes.push({ op: 'add', path: `${path}/${key}`, value: item as unknown });
      }
    } else changes.push({ op: 'add', path, value });
  }
  return changes;
}

/** Sends the changes of a `set` or `unset`. Throws UsageError when there are none. */
export async function sendPatch(
  context: CommandContext,
  call: Call,
  param: string,
  how: 'set' | 'unset',
  target: string,
): Promise<void> {
  const body = changesOf(context, how);
  if (body.length === 0) throw new UsageError(`Say what to ${how}: ingot baremetal ${context.spec.name} --help`);
  await callBy(context, call, { params: { [param]: target }, body });
}
