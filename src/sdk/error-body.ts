type Json = Record<string, unknown>;

/**
 * The sentence in the body of an error: Ironic's JSON inside a JSON string (`faultstring`, or `description` of the
 * router's), Keystone's `error.message`, or the text itself, cut to a line.
 */
export function errorSentence(text: string): string {
  const body = parsed(text);
  if (body === undefined) return (text.trim().split('\n', 1)[0] ?? '').slice(0, 500);
  const message = body['error_message'];
  const inner = typeof message === 'string' ? (parsed(message) ?? { faultstring: message }) : (message as Json | null);
  for (const place of [inner, body['error'], body]) {
    if (typeof place !== 'object' || place === null) continue;
    for (const name of ['faultstring', 'description', 'message', 'title']) {
      const said = (place as Json)[name];
      if (typeof said === 'string' && said !== '') return said;
    }
  }
  return '';
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
