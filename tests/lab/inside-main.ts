// The lab's main program in its own namespace, as the tests start it (people start it by `ingot lab up`).
import { runInside } from '../../src/lab/inside.ts';

await runInside(JSON.parse(process.argv[2] ?? '{}'));
process.exit(0);
