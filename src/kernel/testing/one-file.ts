import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Loader, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..', '..', '..');

/** Absent here: what packages ask for only where it is there. */
const ABSENT = ['pg-native', '@opentelemetry/*', 'winston', 'winston-transport', '*.node'];

/** What packages in CommonJS find around them. */
const AROUND = [
  "import { createRequire as requireOf } from 'node:module';",
  'const require = requireOf(import.meta.url);',
].join('\n');

/** Files find what lies beside them (migrations, a package.json), wherever their text has gone. */
const whereTheyLie: Plugin = {
  name: 'where they lie',
  setup(one) {
    one.onLoad({ filter: /\.(ts|c?js)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const [here, loader]: [Record<string, string>, Loader] = path.endsWith('.ts')
        ? [{ 'import.meta.url': pathToFileURL(path).href, 'import.meta.dirname': dirname(path) }, 'ts']
        : [{ __dirname: dirname(path), __filename: path }, 'js'];
      const names = Object.entries(here).filter(([name]) => text.includes(name) && !text.includes(`const ${name}`));
      if (names.length === 0) return undefined;
      const contents = names.reduce((all, [name, value]) => all.replaceAll(name, JSON.stringify(value)), text);
      return { contents, loader };
    });
  },
};

/** Writes a program with everything it imports, packages too, into one file. */
export async function writeOneFile(file: string, source: string): Promise<void> {
  await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    keepNames: true,
    minifyWhitespace: true, // half as much to read
    legalComments: 'none',
    logLevel: 'error',
    external: ABSENT,
    banner: { js: AROUND },
    plugins: [whereTheyLie],
  });
}

/** Where Node keeps what it compiled, for children that are started with `NODE_COMPILE_CACHE`. */
export const COMPILED = join(tmpdir(), 'ingot-test-compile-cache');

const made = new Map<string, Promise<string>>();
let folder: string | undefined;

/**
 * The path of a program in one file, made once in this process. Children of tests come by the dozen, and to find and
 * read a thousand files is more than half of what the start of one costs.
 */
export function oneFile(source: string): Promise<string> {
  let path = made.get(source);
  if (path === undefined) {
    const file = join(ownFolder(), `${made.size}.mjs`);
    path = writeOneFile(file, source).then(() => file);
    made.set(source, path);
  }
  return path;
}

/** Beside the packages, so that what is still looked up at run time is found. */
function ownFolder(): string {
  if (folder === undefined) {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const path = mkdtempSync(join(cache, 'one-file-'));
    process.once('exit', () => rmSync(path, { recursive: true, force: true }));
    folder = path;
  }
  return folder;
}
