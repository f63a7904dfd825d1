#!/usr/bin/env node
// The command `ingot`.
import { checkNode, ensureInstalled, entry, handOver, runtime } from './bootstrap.mjs';

checkNode();
const args = process.argv.slice(2);
// Comparing every package with the lockfile costs 10 ms: only for what runs long, or when there is no Node yet.
if (args[0] === 'up' || runtime() === undefined) ensureInstalled({ dev: false });
handOver([entry, ...args]);
