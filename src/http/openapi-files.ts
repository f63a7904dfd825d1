import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DoorTable } from './contract.ts';
import { openapiOf } from './openapi.ts';

/**
 * Compares a folder of OpenAPI documents, `<name>.json` each, with what the doors say now. Gives the files that
 * are missing, different or left over; with `write` it also puts them right.
 */
export function syncOpenapiFiles(folder: string, doors: readonly DoorTable[], write: boolean): string[] {
  mkdirSync(folder, { recursive: true });
  const wanted = new Map(doors.map((door) => [`${door.name}.json`, `${JSON.stringify(openapiOf(door), null, 2)}\n`]));
  const drifted: string[] = [];
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.json') || wanted.has(file)) continue;
    drifted.push(file);
    if (write) rmSync(join(folder, file));
  }
  for (const [file, text] of wanted) {
    const path = join(folder, file);
    if (readOrNull(path) === text) continue;
    drifted.push(file);
    if (write) writeFileSync(path, text);
  }
  return drifted.sort();
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
