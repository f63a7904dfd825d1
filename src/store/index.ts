// The face of the room. Types that services need are in contract.ts; archives, keys and test databases have their own files.
export { type OpenStore, openStore } from './open.ts';
