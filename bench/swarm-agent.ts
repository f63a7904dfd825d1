import { createInterface } from 'node:readline';
import { startAgent, startConductor } from '../tests/agent/harness.ts';

// Ingot's agent on a simulated machine, in a process of its own. Obeys lines: the parameters of one write as JSON; says
// how it went.

const [uuid = ''] = process.argv.slice(2);
const conductor = await startConductor({ config: { ingot: { version: 1 } }, node: { uuid } });
const agent = await startAgent(conductor.server.url);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const { command_status: status, command_result: result } = await agent.command(
    'standby.prepare_image',
    JSON.parse(line),
  );
  console.log(JSON.stringify({ status, result, seconds: (performance.now() - began) / 1000 }));
}
process.exit(0);
