import { Duplex, PassThrough } from 'node:stream';
import { start } from '#kernel/run';
import { errors } from '../errors.ts';

/** A child as a stream: what is written goes to its input, what is read is its output. Fails when it does. */
export function filterThrough(tool: string, args: readonly string[]): Duplex {
  const child = start(tool, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw errors.RequestFailed(tool, 'it has no pipes');
  // Its output ends for the reader only when the child ended well: a cut stream must not look whole.
  const output = new PassThrough();
  const stream = Duplex.from({ writable: stdin, readable: output });
  let said = '';
  stderr.on('data', (part: Buffer) => {
    said = (said + part.toString('utf8')).slice(-500);
  });
  const fail = (why: string) => stream.destroy(errors.RequestFailed(tool, why));
  stdout.pipe(output, { end: false });
  stdin.on('error', () => {}); // the exit code says why it closed its input
  child.on('error', (error) => fail(error.message));
  child.on('close', (code) => {
    if (code === 0) output.end();
    else fail(`it exited with ${code}: ${said.trim()}`);
  });
  stream.on('close', () => child.kill('SIGKILL'));
  return stream;
}
