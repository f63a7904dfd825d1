type Direction = 'in' | 'out';

/**
 * Directions in which a switch is to filter: the option `filters` (`in`, `in,out`, `none`) takes of what its kind can.
 * Models of one kind differ in what their hardware has room for. `usual`: without the option.
 */
export function filterDirections(
  options: Readonly<Record<string, string>>,
  most: readonly Direction[],
  usual: readonly Direction[] = most,
): readonly Direction[] {
  const said = options['filters'];
  if (said === undefined) return usual;
  const wanted = said.split(/[\s,]+/);
  return most.filter((direction) => wanted.includes(direction));
}
