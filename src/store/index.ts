export type { Change, ChangeFeed, Reader, Sealer, Statement, Store, Tx } from './contract.ts';
export { type OpenStore, openStore, type StoreOptions } from './open.ts';
