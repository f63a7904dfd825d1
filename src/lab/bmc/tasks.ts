import type { Clock } from '#kernel/clock';
import type { Traits } from './traits.ts';

export type TaskState = 'New' | 'Starting' | 'Running' | 'Completed' | 'Exception' | 'Cancelled' | 'Pending';

export interface TaskMessage {
  messageId: string;
  message: string;
  severity: 'OK' | 'Warning' | 'Critical';
}

/** Long work, as Redfish shows it. */
export interface Task {
  id: string;
  name: string;
  state: TaskState;
  status: 'OK' | 'Warning' | 'Critical';
  percent: number;
  createdAt: number;
  startedAt: number;
  endedAt: number | null;
  messages: TaskMessage[];
  payload: { uri: string; method: string; body: unknown };
}

/** What the work of a task may do while it runs. */
export interface TaskControl {
  progress(percent: number): void;
  say(message: TaskMessage): void;
}

/** The BMC's tasks. Their times and their manners (late to show, soon forgotten) come from the traits. */
export class Tasks {
  readonly #clock: Clock;
  readonly #traits: () => Traits;
  readonly #tasks = new Map<string, Task>();
  #next = 1;

  constructor(clock: Clock, traits: () => Traits) {
    this.#clock = clock;
    this.#traits = traits;
  }

  /** Tasks that a client may see now. */
  list(): Task[] {
    this.#forget();
    const now = this.#clock.monotonic();
    return [...this.#tasks.values()].filter((t) => now - t.startedAt >= this.#traits().taskVisibleAfterMs);
  }

  get(id: string): Task | undefined {
    return this.list().find((t) => t.id === id);
  }

  /** Unfinished tasks whose name starts so, visible or not. */
  running(prefix: string): Task[] {
    return [...this.#tasks.values()].filter((t) => t.name.startsWith(prefix) && t.endedAt === null);
  }

  /**
   * Starts a task. `work` does the thing; what it throws becomes the task's exception. The task lasts at least
   * `taskMs`, in steps of progress.
   */
  start(name: string, payload: Task['payload'], work: (control: TaskControl) => Promise<void>): Task {
    const task = this.#make(name, payload);
    void this.#run(task, work);
    return task;
  }

  /** A task that waits for something else (a reset) and is ended by `finish`. */
  pending(name: string, payload: Task['payload'], message: TaskMessage): Task {
    const task = this.#make(name, payload);
    task.state = 'Pending';
    task.messages.push(message);
    return task;
  }

  finish(task: Task, state: 'Completed' | 'Exception' | 'Cancelled', message: TaskMessage): void {
    task.state = state;
    task.status = message.severity;
    if (state === 'Completed') task.percent = 100;
    task.endedAt = this.#clock.monotonic();
    task.messages.push(message);
  }

  /** A BMC that restarts loses the work it was at; what was finished is still told. */
  interrupt(): void {
    for (const task of this.#tasks.values()) {
      if (task.endedAt !== null || task.state === 'Pending') continue;
      this.finish(task, 'Exception', {
        messageId: 'TaskEvent.1.0.TaskAborted',
        message: 'The BMC restarted.',
        severity: 'Critical',
      });
    }
  }

  #make(name: string, payload: Task['payload']): Task {
    const task: Task = {
      id: String(this.#next++),
      name,
      state: this.#traits().taskFirstState,
      status: 'OK',
      percent: 0,
      createdAt: this.#clock.now(),
      startedAt: this.#clock.monotonic(),
      endedAt: null,
      messages: [],
      payload,
    };
    this.#tasks.set(task.id, task);
    return task;
  }

  async #run(task: Task, work: (control: TaskControl) => Promise<void>): Promise<void> {
    const { taskMs, taskLiesCompleted } = this.#traits();
    try {
      await this.#clock.sleep(taskMs / 4);
      task.state = 'Running';
      if (taskLiesCompleted) {
        task.state = 'Completed';
        task.messages.push({ messageId: 'Lab.1.0.Processing', message: 'The job is processing.', severity: 'OK' });
      }
      for (const percent of [25, 50, 75]) {
        task.percent = percent;
        await this.#clock.sleep(taskMs / 4);
      }
      await work({
        progress: (percent) => {
          task.percent = Math.max(0, Math.min(99, Math.round(percent)));
        },
        say: (message) => task.messages.push(message),
      });
      const done = {
        messageId: 'TaskEvent.1.0.TaskCompletedOK',
        message: `The task '${task.name}' is done.`,
        severity: 'OK',
      } as const;
      if (task.endedAt === null) this.finish(task, 'Completed', done);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.finish(task, 'Exception', { messageId: 'TaskEvent.1.0.TaskAborted', message, severity: 'Critical' });
    }
  }

  #forget(): void {
    const { taskForgottenAfterMs } = this.#traits();
    const now = this.#clock.monotonic();
    for (const [id, task] of this.#tasks) {
      if (task.endedAt !== null && now - task.endedAt > taskForgottenAfterMs) this.#tasks.delete(id);
    }
  }
}
