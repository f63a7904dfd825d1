import type { RuleAnswer } from '../../faults/effects.ts';
import type { RedfishAnswer } from './door.ts';

/** The answer a rule makes, as if a resource had made it. */
export function ruleAnswer(answer: RuleAnswer): RedfishAnswer {
  if (answer.body !== undefined)
    return { status: answer.status, body: answer.body as Record<string, unknown>, headers: { ...answer.headers } };
  const info = {
    MessageId: answer.messageId ?? 'Base.1.18.GeneralError',
    Message: answer.message ?? 'Refused.',
    MessageArgs: [],
    Severity: 'Critical',
    Resolution: '',
  };
  const body = { error: { code: info.MessageId, message: info.Message, '@Message.ExtendedInfo': [info] } };
  return { status: answer.status, body, headers: { ...answer.headers } };
}
