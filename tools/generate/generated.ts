import { configDocs } from './config-docs.ts';

/** Every generated file that is checked in: its path and how it is made. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/config.md': configDocs,
};
