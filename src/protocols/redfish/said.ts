import type { BmcAnswer } from '#protocols/bmc-http/client';
import { objectAt, objectsOf, textOf } from './json.ts';

/** What a BMC said no with. */
export interface Said {
  /** Last parts of its message ids: `ActionParameterValueConflict`, `SYS518`. */
  ids: readonly string[];
  text: string;
}

/** Reads an error body; makers put its extended information in a list, an object, a string or nowhere. */
export function said(answer: BmcAnswer): Said {
  const error = objectAt(answer.body, 'error');
  const extended = error['@Message.ExtendedInfo'];
  const infos = objectsOf(extended);
  const ids = [...infos.map((one) => textOf(one['MessageId'])), textOf(error['code'])]
    .filter((id) => id !== null)
    .map((id) => id.split('.').at(-1) ?? id);
  const texts = [...infos.map((one) => textOf(one['Message'])), textOf(error['message'])];
  if (typeof extended === 'string') texts.unshift(extended);
  const text = [...new Set(texts.filter((one) => one !== null))].join(' ').slice(0, 500);
  return { ids, text: text === '' ? `no reason given${ids.length > 0 ? ` (${ids.join(', ')})` : ''}` : text };
}
