#!/usr/bin/env node
// The command `ingot`.
import { checkNode, ensureInstalled, entry, handOver } from './bootstrap.mjs';

checkNode();
ensureInstalled({ dev: false });
handOver([entry, ...process.argv.slice(2)]);
