import { createHash } from 'node:crypto';

/** A conductor that is not known to be gone, as the last heartbeat showed it. */
export interface Present {
  incarnation: string;
  host: string;
  groups: string[];
  workflows: string[];
  state: 'up' | 'draining';
  beats: number;
  /** Milliseconds since its last heartbeat, on the database's clock. */
  age: number;
}

/** Who is there, from memory: refreshed with each heartbeat, asked on hot paths. */
export interface Roster {
  /** `rows`: everybody present. */
  update(rows: Present[]): void;
  /** Live conductors of a group that take work. */
  live(group: string): readonly Present[];
  /** Newest of `versions` (`name@3`) that every live conductor of the group knows. */
  newestKnown(group: string, name: string, versions: readonly number[]): number;
  /** The one of the group's live conductors that looks after `key`. */
  ownerOf(group: string, key: string): Present | undefined;
}

export function makeRoster(leaseMs: number): Roster {
  let groups = new Map<string, Present[]>();
  let choices = new Map<string, number>();
  return {
    update(rows) {
      groups = new Map();
      choices = new Map();
      for (const row of rows) {
        if (row.state !== 'up' || row.age > leaseMs) continue;
        for (const group of row.groups) {
          const list = groups.get(group) ?? [];
          groups.set(group, list);
          list.push(row);
        }
      }
    },
    live: (group) => groups.get(group) ?? [],
    newestKnown(group, name, versions) {
      const key = `${group}\u0000${name}\u0000${versions}`;
      const known = choices.get(key);
      if (known !== undefined) return known;
      const conductors = groups.get(group) ?? [];
      const newest = Math.max(...versions);
      // Nobody is there: the newest waits for whoever comes. Nobody agrees: the newest here; those who do not
      // know it leave it alone, so it waits for one who does.
      const common = versions.filter((v) => conductors.every((c) => c.workflows.includes(`${name}@${v}`)));
      const choice = common.length > 0 ? Math.max(...common) : newest;
      choices.set(key, choice);
      return choice;
    },
    ownerOf(group, key) {
      // Rendezvous hashing: when one comes or goes only its own keys move.
      let best: Present | undefined;
      let highest = '';
      for (const conductor of groups.get(group) ?? []) {
        const weight = createHash('sha1').update(conductor.incarnation).update('\u0000').update(key).digest('hex');
        if (best === undefined || weight > highest) {
          best = conductor;
          highest = weight;
        }
      }
      return best;
    },
  };
}
