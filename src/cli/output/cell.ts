// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text that is safe to show: a name in the database must not move the cursor or turn the writing round. Line ends and
 * tabs stay.
 */
export function harmless(text: string): string {
  return text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON with every character that a terminal would obey written as an escape. */
export function harmlessJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? 'null';
  return text.replace(CONTROL, (char) =>
    char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What stands in a table for a value. Nothing is shown as None, as `openstack` does. */
export function cellText(value: unknown): string {
  if (value === undefined || value === '') return '';
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return harmless(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
