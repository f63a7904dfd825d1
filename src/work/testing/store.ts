import { silentLog } from '#platform/log';
import type { StoreOptions } from '#store/open';
import { openTestStore, type TestStore } from '#store/testing';
import { migrateEngine } from '../engine.ts';

/** A store on a fresh database that has the engine's tables too: a runtime starts on it in some 50 ms. */
export function openWorkStore(options: Partial<StoreOptions> = {}): Promise<TestStore> {
  const template = { key: 'dbos-5.3.0', prepare: (url: string) => migrateEngine(url, silentLog) };
  return openTestStore({ template, ...options });
}
