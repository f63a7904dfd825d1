// npm start: installs what is missing, then `ingot up` with the same flags (npm start -- --listen ...).
import { checkNode, ensureInstalled, entry, handOver } from './bootstrap.mjs';

checkNode();
ensureInstalled({ dev: false });
handOver([entry, 'up', ...process.argv.slice(2)]);
