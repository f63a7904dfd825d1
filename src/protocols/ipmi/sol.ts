import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { childEnv, start } from '#kernel/run';
import type { LineWish, OpenLine } from '#protocols/serial/line';
import { errors as serial } from '#protocols/serial/errors';
import { errors } from './errors.ts';
import { SOL_ESCAPE, SolTyping } from './sol-typing.ts';
import { kgText, type LoginWay, openPrivilegeWay, targetArguments, waysToTry } from './target.ts';
import type { IpmiTool } from './tool.ts';

/** From start to "operational". */
const OPEN_MS = 25_000;
const GOODBYE_MS = 3_000;
// The tool dies with us even when we are killed, so that nobody records twice; and says at once that it is there.
const WRAPPED = ['--pdeathsig', 'KILL', 'stdbuf', '-oL', 'ipmitool'];
// Asks by the console's own packets: a BMC that gave the console to somebody else answers everything but those.
const KEEPALIVE = 'usesolkeepalive';
const DEAD = 'No response to keepalive';
const OPERATIONAL = 'SOL Session operational';
const TAKEN = /already active on another session/i;
const OTHER_WAY = /no matching cipher suite|invalid role|unauthorized name|HMAC is invalid|unable to establish/i;

type Attempt = { kind: 'open'; line: OpenLine } | { kind: 'taken' } | { kind: 'failed'; said: string; quick: boolean };

/**
 * Opens Serial over LAN by ipmitool: a child whose pipes are the line. A session somebody else holds is ended first,
 * since the recorder is the one that must not miss anything. The tool looks after the session and ends when the
 * BMC stops answering. Throws SerialUnreachable, SerialRefused.
 */
export async function openSol(tool: IpmiTool, clock: Clock, wish: LineWish): Promise<OpenLine> {
  const { target } = tool;
  if (target.protocol !== '2.0') throw serial.SerialAbsent('Serial over LAN needs IPMI 2.0');
  let stole = false;
  let last = '';
  let isRefusal = true;
  const usual = waysToTry(target);
  const lastWay = openPrivilegeWay(target, usual[0]);
  const ways = tool.way === undefined ? [...usual, ...(lastWay === undefined ? [] : [lastWay])] : [tool.way];
  for (let i = 0; i < ways.length; ) {
    const attempt = await openOnce(tool, ways[i] as LoginWay, clock, wish);
    if (attempt.kind === 'open') return attempt.line;
    if (attempt.kind === 'taken') {
      if (stole) throw serial.SerialRefused(target.address, 'somebody else holds the console and takes it back');
      stole = true;
      await tool.command('sol deactivate', ['sol', 'deactivate'], {
        signal: wish.signal,
        beforeWrite: wish.beforeWrite,
      });
      continue;
    }
    last = attempt.said;
    isRefusal &&= attempt.quick;
    if (!attempt.quick || !OTHER_WAY.test(attempt.said)) break;
    i++;
  }
  if (/unable to establish/i.test(last) && isRefusal)
    throw errors.IpmiLoginRefused('sol activate', target.address, last);
  if (last === '' || /unable to establish/i.test(last)) throw errors.IpmiUnreachable('sol activate', target.address);
  throw serial.SerialRefused(target.address, last);
}

async function openOnce(tool: IpmiTool, way: LoginWay, clock: Clock, wish: LineWish): Promise<Attempt> {
  const { target } = tool;
  const dir = await mkdtemp(join(tmpdir(), 'ingot-sol-'));
  let startedAt = clock.monotonic();
  const forget = () => rm(dir, { recursive: true, force: true });
  let child: ChildProcess;
  try {
    const passwordFile = join(dir, 'password');
    await writeFile(passwordFile, `${target.password?.reveal() ?? ''}\n`, { mode: 0o600, flag: 'wx' });
    const whole = targetArguments(target, way, { passwordFile, attempts: 2, waitS: 2 });
    const kg = target.kg === null ? null : kgText(target.kg);
    child = await tool.inTurn(wish.signal, () => {
      wish.signal.throwIfAborted();
      wish.beforeWrite();
      startedAt = clock.monotonic();
      return start('setpriv', [...WRAPPED, ...whole, '-e', SOL_ESCAPE, 'sol', 'activate', KEEPALIVE], {
        env: childEnv(kg === null ? {} : { IPMI_KGKEY: kg }),
      });
    });
  } catch (error) {
    await forget();
    throw error;
  }
  return await new Promise<Attempt>((resolve) => {
    let said = '';
    let greeting = '';
    let isOpen = false;
    let ended: (why: string) => void = () => {};
    const closed = new Promise<string>((tell) => {
      ended = tell;
    });
    const kill = () => child.kill('SIGKILL');
    const cancel = clock.after(OPEN_MS, kill);
    wish.signal.addEventListener('abort', kill, { once: true });
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString('utf8')).slice(-2000);
      // It would try for seconds more to say goodbye to who does not answer.
      if (said.includes(DEAD)) kill();
    });
    child.stdin?.on('error', () => {}); // the child is gone: `exit` says so
    child.stdout?.on('data', (bytes: Buffer) => {
      if (isOpen) {
        wish.data(bytes);
        return;
      }
      // latin1 keeps every byte, should the machine speak within the same read
      greeting += bytes.toString('latin1');
      const at = greeting.indexOf(OPERATIONAL);
      const eol = at < 0 ? -1 : greeting.indexOf('\n', at);
      if (eol < 0) return;
      isOpen = true;
      cancel();
      wish.signal.removeEventListener('abort', kill); // from here on `close` ends it, in order
      void forget();
      const first = Buffer.from(greeting.slice(eol + 1), 'latin1');
      resolve({ kind: 'open', line: lineOf(child, clock, `IPMI SOL of ${target.address}`, closed) });
      if (first.length > 0) wish.data(first);
    });
    const onEnd = (why: string) => {
      cancel();
      wish.signal.removeEventListener('abort', kill);
      void forget();
      ended(why);
      if (TAKEN.test(said)) resolve({ kind: 'taken' });
      else resolve({ kind: 'failed', said: reasonOf(said), quick: clock.monotonic() - startedAt < 1_800 });
    };
    child.once('error', (error) => onEnd(error.message));
    child.once('close', (code, signal) => onEnd(reasonOf(said) || `ipmitool ended (${signal ?? code})`));
  });
}

function lineOf(child: ChildProcess, clock: Clock, via: string, closed: Promise<string>): OpenLine {
  const typing = new SolTyping();
  const send = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      if (child.stdin === null || !child.stdin.writable) resolve();
      else child.stdin.write(bytes, () => resolve());
    });
  return {
    via,
    closed,
    write: (bytes) => send(typing.typed(bytes)),
    sendBreak: () => void send(typing.sendBreak()),
    close() {
      // At the end of its input the tool ends the session in order.
      child.stdin?.end();
      const cancel = clock.after(GOODBYE_MS, () => child.kill('SIGKILL'));
      void closed.then(cancel);
    },
  };
}

/** What ipmitool said last, without what it says of having no terminal. */
function reasonOf(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return (
    lines
      .filter((line) => line !== '' && !line.startsWith('tcgetattr'))
      .at(-1)
      ?.slice(0, 200) ?? ''
  );
}
