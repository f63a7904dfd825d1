/** A time as Keystone writes it: UTC, microseconds, `Z`. Takes milliseconds or ISO text. */
export function keystoneTime(time: number | string): string {
  const milliseconds = typeof time === 'number' ? time : Date.parse(time);
  return new Date(milliseconds).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}
