import type { Store } from '#store/contract';
import type { ChildWorld } from '#work/testing/child';
import { makeSide } from './side.ts';

/** What of a node's life is a boundary: every statement that changes something, or asks the machine. */
const WATCHED = /\b(nodes|node_intents|fake_machines|node_history|ports|bios_settings)\b/;

/** For conductor children: every statement of ours is an action on the outside world, before and after it. */
export function build(world: ChildWorld): void {
  const { store, around } = world;
  const watched = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return (statement: { text: string }) => {
        const run = () => target.query(statement);
        if (!WATCHED.test(statement.text)) return run();
        return around(nameOf(statement.text), run);
      };
    },
  }) as Store;
  makeSide(watched, world.work, world.log);
}

function nameOf(text: string): string {
  const write = /(insert into|update|delete from) (?:only )?(\w+)/.exec(text);
  return write === null ? 'a read' : `${write[1]} ${write[2]}`;
}
