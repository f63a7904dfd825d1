import type { Connection } from '#sdk/connection';
import type { LooseInput } from '#sdk/operation';
import { baremetal } from '#sdk/generated/baremetal';
import type { Output } from '../output/output.ts';
import type { Call, CommandSpec } from './spec.ts';

/** What was typed: arguments by name, options by the commander's name (`driverInfo`). */
export interface Typed {
  args: Readonly<Record<string, string | undefined>>;
  /** Values of the argument that may be given several times. */
  many: readonly string[];
  options: Readonly<Record<string, unknown>>;
}

/** What a command works with. */
export interface CommandContext {
  readonly spec: CommandSpec;
  readonly typed: Typed;
  readonly out: Output;
  readonly connection: Connection;
  /** The event stream beside it. */
  readonly events: Connection;
}

/** Calls an operation by its name. */
export function callBy(context: CommandContext, call: Call, input: LooseInput): Promise<unknown> {
  return context.connection.loose(baremetal[call], input);
}

/** What was typed cannot be meant; exit code 2. */
export class UsageError extends Error {}

/** Some of what was asked for failed; every sentence is for a person. Exit code 1. */
export class PartlyFailed extends Error {}

/** Waiting ended without what was waited for; exit code 3. */
export class WaitError extends Error {}
