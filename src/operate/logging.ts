import { createLog, type Log } from '#platform/log';
import type { Config } from '#platform/settings';

/** The log as the settings want it, on standard error. */
export function openLog(config: Config): Log {
  return createLog({ level: config.general.log_level, pretty: isPretty(config) });
}

function isPretty(config: Config): boolean {
  const { log_format } = config.general;
  return log_format === 'pretty' || (log_format === 'auto' && process.stderr.isTTY === true);
}

/** What nobody caught is our fault: it is logged, and the program goes on, for its state is in the database. */
export function watchFaults(log: Log): { off(): void } {
  const onRejection = (err: unknown) =>
    log.error({ err }, 'a promise failed and nobody looked: this is a fault in Ingot');
  const onException = (err: unknown) => {
    log.fatal({ err }, 'something was thrown and nobody caught it: this is a fault in Ingot');
    log.flush();
    process.exit(70);
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    off() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
