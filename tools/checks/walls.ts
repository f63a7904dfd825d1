import { stripTypeScriptTypes } from 'node:module';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { RUNTIME_RULES, SOURCE_RULES } from '../rules/walls.ts';

type Rules = typeof SOURCE_RULES;

/**
 * Checks who imports whom among `files` (relative to `root`). Gives a sentence for each breach.
 * Twice: with types, and as Node runs it, without: a circle of types alone harms nobody.
 */
export async function breaches(root: string, files: readonly string[]): Promise<string[]> {
  const copies = mkdtempSync(join(tmpdir(), 'ingot-walls-'));
  try {
    const written = copyOf(join(copies, 'written'), root, files, (source) => source);
    const stripped = copyOf(join(copies, 'stripped'), root, files, (source) => stripTypeScriptTypes(source));
    const found = [...(await look(written, files, SOURCE_RULES)), ...(await look(stripped, files, RUNTIME_RULES))];
    return [...new Set(found)].sort();
  } finally {
    rmSync(copies, { recursive: true });
  }
}

function copyOf(copy: string, root: string, files: readonly string[], change: (source: string) => string): string {
  mkdirSync(copy);
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const file of files) {
    const target = join(copy, file);
    mkdirSync(dirname(target), { recursive: true });
    const source = readFileSync(join(root, file), 'utf8');
    // The cruiser's reader of swc's trees does not know `using` yet.
    const known = source.replace(/^(\s*)(await )?using (?=\w+ =)/gm, '$1const ');
    writeFileSync(target, file.endsWith('.ts') ? change(known) : known);
  }
  return copy;
}

async function look(root: string, files: readonly string[], rules: Rules): Promise<string[]> {
  const { output } = await cruise(
    [...files],
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
      // The stripped copy reaches node_modules through a link; packages are named by where they seem to be.
      symlinks: false,
    },
  );
  return (output as ICruiseResult).summary.violations.map((breach) => {
    const why = rules.find((rule) => rule.name === breach.rule.name)?.comment ?? '';
    const path = breach.cycle === undefined ? breach.to : breach.cycle.map((step) => step.name).join(' → ');
    return `${breach.from} → ${path}: ${breach.rule.name}: ${why}`;
  });
}
