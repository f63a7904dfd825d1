/**
 * Where each key of a TOML text stands: `api.listen` → 3 (lines count from 1). The parser gives values
 * without places, and an error must name the line. Reads only what a valid file can hold: table headers, keys
 * before `=`, and texts over several lines, whose lines are no keys.
 */
export function keyLines(toml: string): Map<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  let open: '"""' | "'''" | undefined;
  let depth = 0;
  for (const [index, line] of toml.split('\n').entries()) {
    const atKey = open === undefined && depth === 0;
    if (atKey) {
      const header = /^\s*\[\[?\s*([^\]#]+?)\s*\]\]?/.exec(line);
      const key = /^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(
        line,
      );
      if (header?.[1] !== undefined) {
        table = plain(header[1]);
        rememberAll(lines, table, index + 1);
        continue;
      }
      if (key?.[1] !== undefined) {
        rememberAll(lines, table === '' ? plain(key[1]) : `${table}.${plain(key[1])}`, index + 1);
      }
    }
    [open, depth] = follow(line, open, depth);
  }
  return lines;
}

/** Remembers the first line of a path and of the tables it opens: `api.listen = …` opens `api`. */
function rememberAll(lines: Map<string, number>, path: string, line: number): void {
  for (let end = path.indexOf('.'); ; end = path.indexOf('.', end + 1)) {
    const part = end === -1 ? path : path.slice(0, end);
    if (!lines.has(part)) lines.set(part, line);
    if (end === -1) return;
  }
}

function plain(key: string): string {
  return key
    .split('.')
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .join('.');
}

/** The state after a line: inside a text of several lines, and how many brackets of arrays are open. */
function follow(line: string, open: '"""' | "'''" | undefined, depth: number): ['"""' | "'''" | undefined, number] {
  for (let i = 0; i < line.length; i++) {
    if (open !== undefined) {
      const end = line.indexOf(open, i);
      if (end === -1) return [open, depth];
      i = end + 2;
      open = undefined;
      continue;
    }
    const c = line[i];
    if (c === '#') return [undefined, depth];
    if (line.startsWith('"""', i) || line.startsWith("'''", i)) {
      open = line.slice(i, i + 3) as '"""';
      i += 2;
    } else if (c === '"' || c === "'") {
      for (i++; i < line.length && line[i] !== c; i++) if (c === '"' && line[i] === '\\') i++;
    } else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') depth--;
  }
  return [open, Math.max(0, depth)];
}
