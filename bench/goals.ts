/** What a bench is to reach: each goal is told with PASS or FAIL, and a FAIL ends the program with 1. */
const goals: { what: string; good: boolean; said: string }[] = [];

/** Notes a figure that must be at least, or at most, a limit. */
export function goal(what: string, value: number, sign: 'at least' | 'at most', limit: number, unit: string): void {
  const good = sign === 'at least' ? value >= limit : value <= limit;
  const text = (n: number) => (Number.isInteger(n) ? String(n) : n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0));
  goals.push({ what, good, said: `${text(value)} ${unit}, wanted: ${sign} ${text(limit)}` });
}

/** Prints all goals. Call it last. */
export function tellGoals(): void {
  for (const { what, good, said } of goals) console.log(`${good ? 'PASS' : 'FAIL'}  ${what.padEnd(44)} ${said}`);
  if (goals.some(({ good }) => !good)) process.exitCode = 1;
}
