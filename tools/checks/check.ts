import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** One check of `npm test`. Fails when it gives problems; each is a line for a person. */
export interface Check {
  name: string;
  run(): Promise<string[]>;
  /** Said even when all is well; no failure. */
  notes?(): Promise<string[]>;
}

/** What a program printed, and its exit code. Runs through this very Node when `file` is a script. */
export function output(file: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  const script = /\.m?js$/.test(file) || file.startsWith('node_modules/');
  const [program, all] = script ? [process.execPath, [join(root, file), ...args]] : [file, [...args]];
  return new Promise((resolve) => {
    execFile(program, all, { cwd: root, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, text: error !== null && stdout + stderr === '' ? error.message : stdout + stderr });
    });
  });
}

/** Lines of a tool's output, when it did not end with 0. */
export async function complaints(file: string, args: readonly string[]): Promise<string[]> {
  const { code, text } = await output(file, args);
  return code === 0 ? [] : text.split('\n').filter((line) => line.trim() !== '');
}

let listed: Promise<string[]> | undefined;

/** Files of the repository: tracked, and new ones that are not ignored. Outside git (a tarball): none. */
export function repositoryFiles(): Promise<string[]> {
  listed ??= output('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate']).then(
    async ({ code, text }) => {
      if (code !== 0) return [];
      const gone = await output('git', ['ls-files', '--deleted']);
      const deleted = new Set(gone.text.split('\n'));
      return text.split('\n').filter((path) => path !== '' && !deleted.has(path));
    },
  );
  return listed;
}
