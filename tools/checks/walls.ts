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
  const bare = mkdtempSync(join(tmpdir(), 'ingot-walls-'));
  try {
    stripInto(bare, root, files);
    const found = [...(await look(root, files, SOURCE_RULES)), ...(await look(bare, files, RUNTIME_RULES))];
    return [...new Set(found)].sort();
  } finally {
    rmSync(bare, { recursive: true });
  }
}

function stripInto(bare: string, root: string, files: readonly string[]): void {
  cpSync(join(root, 'package.json'), join(bare, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(bare, 'node_modules'));
  for (const file of files) {
    const target = join(bare, file);
    mkdirSync(dirname(target), { recursive: true });
    const source = readFileSync(join(root, file), 'utf8');
    writeFileSync(target, file.endsWith('.ts') ? stripTypeScriptTypes(source) : source);
  }
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
