// The SDK: a typed client of this product's APIs. `connect` gives connections, `bind(baremetal, client.baremetal)`
// functions, one an operation.
export type { AuthFacts } from './auth/choose.ts';
export type { Auth, IssuedToken } from './auth/contract.ts';
export { bind, type Bound, type Client, connect, type ConnectOptions } from './client.ts';
export { type Cloud, findCloud } from './cloud.ts';
export { Connection } from './connection.ts';
export { SdkError } from './errors.ts';
export { readEvents } from './events.ts';
export { baremetal } from './generated/baremetal.ts';
export type * from './generated/baremetal.ts';
export { identity } from './generated/identity.ts';
export { operations } from './generated/operations.ts';
export { policy } from './generated/policy.ts';
export type { CallOptions, InputOf, Operation, ResponseOf } from './operation.ts';
export { pages, type Row } from './pages.ts';
export { type Facts, type Verdict, waitFor } from './wait.ts';
