import type { baremetal } from '#sdk/generated/baremetal';
import type { CommandContext } from './context.ts';

/** Operations of the Bare Metal API, by name. */
export type Call = keyof typeof baremetal;

/** What stands without a flag. */
export interface Arg {
  name: string;
  about: string;
  /** One or more. */
  many?: boolean;
  optional?: boolean;
  choices?: readonly string[];
}

/**
 * How an option's text becomes a value: `map` key=value with JSON values where they are JSON, `json` JSON text, a
 * file's name or `-` for standard input, `texts` one each time it is given, `words` several after one flag, `flag`
 * stands for `value`.
 */
export type OptKind = 'text' | 'int' | 'bool' | 'map' | 'json' | 'texts' | 'words' | 'flag';

export interface Opt {
  /** `--driver-info <key=value>` */
  flags: string;
  about: string;
  /** Field of the resource, or argument of the list; '' when the action looks at it itself. */
  to: string;
  kind?: OptKind;
  /** What a flag stands for. Default true. */
  value?: unknown;
  required?: boolean;
  choices?: readonly string[];
}

interface Listing {
  do: 'list';
  call: Call;
  /** The list's name in the reply. */
  key: string;
  columns: readonly string[];
  /** With `--long`, and what `--fields` may choose from. */
  long?: readonly string[];
  /** Path parameter of the first argument. */
  param?: string;
  /** Field a page's last row is named by. */
  marker?: string;
  /** The server cuts it into pages. */
  paged?: boolean;
}

/** What a command does. */
export type Action =
  | Listing
  | { do: 'show'; call: Call; params: readonly string[]; key?: string; fields?: readonly string[] }
  | { do: 'create'; call: Call }
  | { do: 'set' | 'unset'; call: Call; param: string }
  | { do: 'delete'; call: Call; param: string; noun: string }
  | { do: 'each'; call: Call; param: string; body?: Record<string, unknown>; said?: string }
  | { do: 'provision'; target: string; reaches?: string }
  | { do: 'own'; run(context: CommandContext): Promise<void> };

/** How a command's result is printed. */
export type Shape = 'rows' | 'one' | 'none';

export interface CommandSpec {
  /** Words after `ingot baremetal`: `node power on`. */
  name: string;
  about: string;
  args?: readonly Arg[];
  options?: readonly Opt[];
  action: Action;
  /** Of `own` actions. */
  shape?: Shape;
}

/** What the command prints, so which output options it has. */
export function shapeOf({ action, shape }: CommandSpec): Shape {
  if (shape !== undefined) return shape;
  if (action.do === 'list') return 'rows';
  return action.do === 'show' || action.do === 'create' ? 'one' : 'none';
}

export const text = (flags: string, to: string, about: string): Opt => ({ flags, to, about });
export const flag = (flags: string, to: string, about: string, value: unknown = true): Opt => ({
  flags,
  to,
  about,
  kind: 'flag',
  value,
});
export const map = (flags: string, to: string, about: string): Opt => ({ flags, to, about, kind: 'map' });
export const json = (flags: string, to: string, about: string): Opt => ({ flags, to, about, kind: 'json' });
/** For `unset`: names of the keys to remove. */
export const keys = (name: string, to: string): Opt => ({
  flags: `--${name} <key>`,
  to,
  about: `Remove this key of ${to} (repeat it for more)`,
  kind: 'texts',
});
export const must = (option: Opt): Opt => ({ ...option, required: true });
export const oneOf = (option: Opt, choices: readonly string[]): Opt => ({ ...option, choices });

/** `--uuid` of everything that is created. */
export const uuidOption = text('--uuid <uuid>', 'uuid', 'The UUID it shall have');
export const extraOption = map('--extra <key=value>', 'extra', 'Anything, kept for you (repeat it for more)');
