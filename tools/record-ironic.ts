/**
 * Records how another Ironic answers tests/judges/golden/scenario.ts:
 * `node tools/record-ironic.ts http://127.0.0.1:16385`. See the README there.
 */
import { writeFileSync } from 'node:fs';
import { play } from '../tests/judges/golden/play.ts';

const [base, maximum = '82'] = process.argv.slice(2);
if (base === undefined) throw new Error('say where it listens: http://127.0.0.1:16385');
const recording = await play(base, Number(maximum));
const lines = Object.entries(recording).map(([id, answer]) => `${JSON.stringify(id)}: ${JSON.stringify(answer)}`);
writeFileSync(new URL('../tests/judges/golden/ironic-21.4.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
console.log(`recorded ${lines.length} cases`);
