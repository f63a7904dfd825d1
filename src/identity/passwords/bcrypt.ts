import { Worker } from 'node:worker_threads';
import { systemClock } from '#kernel/clock';
import { errors } from '../errors.ts';

const FORM = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** A file with a higher cost is refused: one check would take seconds. */
const MAX_COST = 13;
const ANSWER_MS = 10_000;
const IDLE_MS = 30_000;

/** True for a bcrypt hash of a cost we are willing to check. */
export function isBcrypt(hash: string): boolean {
  const cost = FORM.exec(hash)?.[1];
  return cost !== undefined && Number(cost) >= 4 && Number(cost) <= MAX_COST;
}

/**
 * The library computes in JavaScript and would hold the event loop for up to 100 ms at a time, so it runs in a
 * thread. The thread's program is text because the published program is one bundle: there is no file to start.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.library).then(({ default: bcrypt }) => {
  parentPort.on('message', ({ id, password, hash }) => parentPort.postMessage({ id, ok: bcrypt.compareSync(password, hash) }));
});`;

let worker: Worker | undefined;
let cancelIdle: (() => void) | undefined;
let nextId = 0;
const waiting = new Map<number, { resolve: (ok: boolean) => void; reject: (error: Error) => void }>();

/** Checks a password against a bcrypt hash, in a thread of its own that ends when it has nothing to do. */
export async function bcryptMatches(password: string, hash: string): Promise<boolean> {
  cancelIdle?.();
  const thread = (worker ??= startWorker());
  const id = nextId++;
  let cancel = () => {};
  try {
    return await new Promise<boolean>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      cancel = systemClock.after(ANSWER_MS, () => reject(errors.LoginBusy({ retryAfter: 2 })));
      thread.ref();
      thread.postMessage({ id, password, hash: hash.replace(/^\$2y\$/, '$2b$') });
    });
  } finally {
    cancel();
    waiting.delete(id);
    if (waiting.size === 0) {
      thread.unref();
      cancelIdle = systemClock.after(IDLE_MS, () => {
        if (waiting.size === 0 && worker === thread) {
          worker = undefined;
          void thread.terminate();
        }
      });
    }
  }
}

function startWorker(): Worker {
  const made = new Worker(PROGRAM, { eval: true, workerData: { library: import.meta.resolve('bcryptjs') } });
  made.on('message', ({ id, ok }: { id: number; ok: boolean }) => waiting.get(id)?.resolve(ok));
  made.on('error', (error) => {
    worker = undefined;
    for (const one of waiting.values()) one.reject(errors.LoginBusy({ cause: error, retryAfter: 2 }));
  });
  made.unref();
  return made;
}
