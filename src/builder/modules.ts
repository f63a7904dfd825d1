import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Kernel modules by name (`_` for `-`), with what each needs, read from the modules themselves. */
export class KernelModules {
  readonly #files = new Map<string, string>();

  /** Finds all `.ko` files below `root`. */
  static async below(root: string): Promise<KernelModules> {
    const found = new KernelModules();
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && entry.name.endsWith('.ko')) {
        found.#files.set(plain(entry.name.slice(0, -3)), join(entry.parentPath, entry.name));
      }
    }
    return found;
  }

  /** The named ones and all they need, in the order in which they load. Names the kernel does not have are left out. */
  async inOrder(names: readonly string[]): Promise<{ name: string; data: Buffer }[]> {
    const done = new Map<string, Buffer>();
    const add = async (name: string): Promise<void> => {
      const file = this.#files.get(name);
      if (file === undefined || done.has(name)) return;
      const data = await readFile(file);
      for (const need of needs(data)) await add(need);
      done.set(name, data);
    };
    for (const name of names) await add(plain(name));
    return [...done].map(([name, data]) => ({ name, data }));
  }
}

const plain = (name: string) => name.replaceAll('-', '_');

/** `depends=a,b` and `softdep=pre: c` of the module's own description. */
function needs(module: Buffer): string[] {
  const text = module.toString('latin1');
  const hard = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? '';
  const soft = /\0softdep=pre: ([^\0]*)\0/.exec(text)?.[1] ?? '';
  return [...soft.split(' '), ...hard.split(',')].filter((name) => name !== '' && name !== 'post:').map(plain);
}
