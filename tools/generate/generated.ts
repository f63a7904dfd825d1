import { openapiOf } from '#http/openapi';
import { configDocs } from './config-docs.ts';
import { DOORS } from './doors.ts';
import { sdkFile } from './sdk/sdk-file.ts';
import { statesPage } from './states-diagram.ts';

const openapi = DOORS.map((door) => [
  `openapi/${door.name}.json`,
  () => `${JSON.stringify(openapiOf(door), null, 2)}\n`,
]);
const sdk = DOORS.map((door) => [`src/sdk/generated/${door.name}.ts`, () => sdkFile(door, door.name)]);

/** Every generated file that is checked in: its path and how it is made. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/config.md': configDocs,
  'docs/states.md': statesPage,
  ...(Object.fromEntries([...openapi, ...sdk]) as Record<string, () => string>),
};
