/** Values of items as the rows `t(…)` of a statement: one row of parameters, or arrays for many. */
export class Rows<T> {
  readonly values: unknown[] = [];
  readonly #items: readonly T[];
  readonly #columns: { name: string; type: string }[] = [];

  constructor(items: readonly T[]) {
    this.#items = items;
  }

  add(name: string, type: string, value: (item: T) => unknown): void {
    // Arrays of json would be unpacked: as text, and cast where they are used.
    this.#columns.push({ name, type: type === 'json' ? 'text' : type });
    const [only] = this.#items;
    this.values.push(this.#items.length === 1 ? value(only as T) : this.#items.map(value));
  }

  get sql(): string {
    if (this.#items.length === 1) {
      const one = this.#columns.map(({ name, type }, i) => `$${i + 1}::${type} as ${name}`);
      return `t as (select ${one.join(', ')})`;
    }
    const arrays = this.#columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ');
    return `t as (select * from unnest(${arrays}) as t(${this.#columns.map(({ name }) => name).join(', ')}))`;
  }
}
