import { type ConfigInput, loadConfig } from '#platform/config';
import { silentLog } from '#platform/log';
import { systemClock } from '#kernel/clock';
import { prepareDatabase } from '../app.ts';

/** Brings the database up to date. Gives a sentence on what was done. */
export async function migrateCommand(input: ConfigInput): Promise<string> {
  const { config } = loadConfig(input);
  const store = await prepareDatabase(config, silentLog, systemClock);
  try {
    const { applied, level } = store;
    return applied.length === 0
      ? `The database is up to date (${level.length} migrations).`
      : `Applied ${applied.length} of ${level.length} migrations: ${applied.join(', ')}.`;
  } finally {
    await store.close();
  }
}
