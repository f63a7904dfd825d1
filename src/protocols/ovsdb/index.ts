// The face of the OVSDB client (RFC 7047 with the extensions of ovsdb-server(7)).
export type { RowChange, Wanted } from './cache.ts';
export { OvsdbClient, type OvsdbLog, type OvsdbOptions, type OvsdbStatus } from './client.ts';
export { byUuid, type Operation, type OperationResult, type Values } from './operations.ts';
export type { TlsKeys } from './remote.ts';
export { type Atom, NamedUuid, type Row, sameValue, type Value, type Writable } from './values.ts';
