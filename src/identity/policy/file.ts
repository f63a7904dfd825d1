import { parse as parseToml } from 'smol-toml';
import { messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';

/**
 * Reads the text of an override file: name → expression. By its name it is TOML, JSON, or the flat YAML that
 * oslo.policy's files are (`"name": "expression"`, one to a line). Throws `PolicyBroken` with the line.
 */
export function parsePolicyFile(fileName: string, text: string): Record<string, string> {
  const document = parseDocument(fileName, text);
  const rules: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(document)) {
    if (typeof value !== 'string') {
      throw errors.PolicyBroken(`in ${fileName} the value of "${name}" must be text, the expression`);
    }
    rules[name] = value;
  }
  return rules;
}

function parseDocument(fileName: string, text: string): Record<string, unknown> {
  try {
    if (fileName.endsWith('.toml')) return parseToml(text);
    if (/\.ya?ml$/.test(fileName)) return parseFlatYaml(text);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it must be one object');
    return value as Record<string, unknown>;
  } catch (error) {
    throw errors.PolicyBroken(`${fileName} cannot be read: ${messageOf(error)}`);
  }
}

/** `key: value` lines with comments; keys and values plain or quoted. Anything else of YAML is refused by line. */
export function parseFlatYaml(text: string): Record<string, string> {
  const out: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line === '---') continue;
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}`);
    };
    if (raw !== raw.trimStart()) fail('nested values are not used here; write "name": "expression" on one line');
    const [key, after] = scalar(line, ':', fail);
    const rest = after.trimStart();
    if (!rest.startsWith(':')) fail('a colon is missing after the name');
    const body = rest.slice(1).trim();
    const [value, tail] = scalar(body, '#', fail);
    if (tail.trim() !== '' && !tail.trimStart().startsWith('#')) fail(`"${tail.trim()}" is not expected`);
    if (Object.hasOwn(out, key)) fail(`"${key}" is there twice`);
    out[key] = value;
  }
  return out;
}

/** One scalar from the start of `text`, and what follows it. A plain one ends where `: ` or ` #` begins. */
function scalar(text: string, end: ':' | '#', fail: (why: string) => never): [string, string] {
  const quote = text.charAt(0);
  if (quote === '"' || quote === "'") {
    let value = '';
    for (let i = 1; i < text.length; i++) {
      const c = text.charAt(i);
      if (quote === '"' && c === '\\') value += text.charAt(++i);
      else if (c === quote && quote === "'" && text.charAt(i + 1) === quote) value += text.charAt(++i);
      else if (c === quote) return [value, text.slice(i + 1)];
      else value += c;
    }
    return fail('a quote has no end');
  }
  if (/^[[{&*!|>%@`]/.test(text)) return fail(`put the value in quotes: ${text}`);
  if (end === '#') {
    const at = text.search(/\s#/);
    return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at)];
  }
  const at = text.search(/:(\s|$)/);
  return at < 0 ? fail('a colon is missing after the name') : [text.slice(0, at).trim(), text.slice(at)];
}
