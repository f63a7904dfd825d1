import { readFileSync } from 'node:fs';
import { systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { assembleAgent } from './assemble.ts';
import { agentLog } from './log.ts';
import { realMachine } from './machine/real.ts';
import { parseCommandLine, readParameters } from './parameters.ts';

// The program of the deploy ramdisk. `init` starts it again when it ends.

/** Beside the kernel's command line: what came with the boot medium. */
const MORE_PARAMETERS = '/etc/ingot/parameters';

function textOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

const log = agentLog(systemClock, (line) => process.stdout.write(`${line}\n`));
const parameters = readParameters(
  new Map([...parseCommandLine(textOr('/proc/cmdline', '')), ...parseCommandLine(textOr(MORE_PARAMETERS, ''))]),
);
const ca = parameters.caFile === null ? '' : textOr(parameters.caFile, '');

process.on('uncaughtException', (error) => {
  log.warn('something went wrong that nobody waited for', { error: error.stack ?? messageOf(error) });
});

try {
  const agent = assembleAgent({
    machine: realMachine(systemClock),
    parameters,
    clock: systemClock,
    random: systemRandom,
    log,
    trust: { insecure: parameters.insecure, ...(ca === '' ? {} : { ca }) },
    version: textOr('/etc/ingot/version', 'unknown').trim(),
  });
  log.info('agent starts', { uptime: Math.round(process.uptime() * 1000), api: parameters.apiUrls });
  await agent.start();
} catch (error) {
  log.warn('agent ends', { error: messageOf(error) });
  process.exitCode = 1;
}
