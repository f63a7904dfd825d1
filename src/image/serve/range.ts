/** The one range a request asks for; undefined for all of it, `none` when nothing of it is there. */
export function byteRange(
  header: string | string[] | undefined,
  size: number,
): { from: number; to: number } | 'none' | undefined {
  const found = typeof header === 'string' ? /^bytes=(\d*)-(\d*)$/.exec(header.trim()) : null;
  if (found === null) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from >= size || (first === '' && Number(last) === 0)) return 'none';
  return to < from ? undefined : { from, to };
}
