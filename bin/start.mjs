// npm start: installs what is missing, then `ingot up` with the same flags (npm start -- --listen ...) and, unless they
// say otherwise, a rack to rehearse on.
import { readFileSync } from 'node:fs';
import { checkNode, ensureInstalled, entry, handOver } from './bootstrap.mjs';

/** The pids above us that npm put there: the shell, and npm itself. */
function npmPids() {
  const shell = process.ppid;
  try {
    const npm = Number(
      readFileSync(`/proc/${shell}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
    return [shell, npm].filter((pid) => pid > 1);
  } catch {
    return [];
  }
}

checkNode();
ensureInstalled({ dev: false });
// npm passes a signal to its shell only, and that dies without telling us: see `src/operate/wrapper.ts`.
if (process.env.npm_lifecycle_event === 'start') process.env.INGOT_STOP_WITH = npmPids().join(',');
handOver([entry, 'up', '--rehearse', ...process.argv.slice(2)]);
