import type { Workflow } from '#work/contract';
import type { ChildWorld } from '#work/testing/child';
import { logOf, machineOf, pause } from './machine.ts';

// The same version with and without a step more: what a careless change does to work in flight.

export function build(world: ChildWorld): void {
  world.work.register(changed(world, (world.data as { inserted: boolean }).inserted));
}

export function changed(world: Pick<ChildWorld, 'store' | 'say'>, inserted: boolean): Workflow<{ machine: string }> {
  const note = (id: string, what: string) =>
    world.store.query({ text: 'insert into machine_log (id, what) values ($1, $2)', values: [id, what] });
  return {
    name: 'changed',
    version: 1,
    async run(context, { machine }) {
      const step = (name: string, ms = 0) =>
        context.step({
          name,
          budgetMs: 60_000,
          do: async (s) => {
            world.say(`begin ${name}`);
            await pause(ms, s.signal);
            await note(machine, name);
          },
          undo: async () => void (await note(machine, `undo ${name}`)),
        });
      try {
        await step('first');
        if (inserted) await step('inserted');
        await step('second');
        await step('third', 60_000);
      } catch (error) {
        await note(machine, 'caught');
        throw error;
      } finally {
        await note(machine, 'finally');
      }
    },
    async failed(_context, { machine }, error) {
      await note(machine, `failed ${(error as { code?: string }).code}`);
    },
  };
}

export { logOf, machineOf };
