import { IngotError } from '#kernel/errors';

type Severity = 'OK' | 'Warning' | 'Critical';

/**
 * What a BMC says no with: ids of DMTF's Base registry with their HTTP status and our wording. The IPMI side
 * maps the same ids to completion codes, so that the state behind both doors refuses in one way.
 */
const MESSAGES = {
  Success: [200, 'OK', () => 'Done.'],
  Created: [201, 'OK', () => 'Created.'],
  GeneralError: [400, 'Critical', () => 'Something went wrong; see the extended information.'],
  PropertyUnknown: [400, 'Warning', (p) => `There is no property ${p} here.`],
  PropertyValueTypeError: [400, 'Warning', (v, p) => `The value '${v}' has the wrong type for ${p}.`],
  PropertyValueNotInList: [400, 'Warning', (v, p) => `The value '${v}' is not among those ${p} accepts.`],
  PropertyValueOutOfRange: [400, 'Warning', (v, p) => `The value '${v}' is outside the range of ${p}.`],
  PropertyValueFormatError: [400, 'Warning', (v, p) => `The value '${v}' has the wrong format for ${p}.`],
  PropertyValueConflict: [400, 'Warning', (p, q) => `${p} cannot be written: it conflicts with ${q}.`],
  PropertyNotWritable: [403, 'Warning', (p) => `${p} is read-only.`],
  PropertyMissing: [400, 'Warning', (p) => `The request lacks the property ${p}.`],
  CreateFailedMissingReqProperties: [400, 'Critical', (p) => `Nothing was created: ${p} is missing.`],
  CreateLimitReachedForResource: [507, 'Critical', () => 'No more of these can be created.'],
  MalformedJSON: [400, 'Critical', () => 'The body is not JSON.'],
  UnrecognizedRequestBody: [400, 'Warning', () => 'The body cannot be understood.'],
  UnsupportedMediaType: [415, 'Warning', () => 'The body must be application/json.'],
  ActionNotSupported: [400, 'Critical', (a) => `The action ${a} is not supported here.`],
  ActionParameterMissing: [400, 'Critical', (a, p) => `The action ${a} needs the parameter ${p}.`],
  ActionParameterUnknown: [400, 'Warning', (a, p) => `The action ${a} knows no parameter ${p}.`],
  ActionParameterNotSupported: [400, 'Warning', (p, a) => `The parameter ${p} of ${a} is not supported here.`],
  ActionParameterValueNotInList: [400, 'Warning', (v, p, a) => `'${v}' is no value for ${p} of ${a}.`],
  ActionParameterValueTypeError: [400, 'Warning', (v, p, a) => `'${v}' has the wrong type for ${p} of ${a}.`],
  ActionParameterValueConflict: [409, 'Warning', (p, v) => `${p} cannot be '${v}' now.`],
  QueryParameterValueError: [400, 'Warning', (p) => `The query parameter ${p} is not valid.`],
  QueryNotSupported: [501, 'Warning', () => 'That query is not supported.'],
  ResourceNotFound: [404, 'Critical', (t, n) => `There is no ${t} called '${n}'.`],
  ResourceMissingAtURI: [404, 'Critical', (u) => `There is nothing at ${u}.`],
  ResourceInUse: [409, 'Warning', () => 'It is in use or changing; nothing was done.'],
  ResourceAlreadyExists: [400, 'Critical', (t, p, v) => `A ${t} with ${p} '${v}' exists.`],
  ResourceInStandby: [503, 'Critical', () => 'It is in standby.'],
  ResourceExhaustion: [503, 'Critical', (r) => `${r} has nothing left.`],
  ResourceCannotBeDeleted: [403, 'Critical', () => 'It cannot be deleted.'],
  OperationNotAllowed: [405, 'Critical', () => 'That method is not allowed here.'],
  NotAcceptable: [406, 'Warning', () => 'No such representation.'],
  PreconditionFailed: [412, 'Critical', () => 'The ETag is not the current one.'],
  PreconditionRequired: [428, 'Critical', () => 'If-Match is required.'],
  PayloadTooLarge: [413, 'Critical', () => 'The body is too large.'],
  NoValidSession: [401, 'Critical', () => 'Log in first.'],
  InsufficientPrivilege: [403, 'Critical', () => 'The account may not do that.'],
  SessionLimitExceeded: [503, 'Critical', () => 'There are too many sessions.'],
  EventSubscriptionLimitExceeded: [503, 'Critical', () => 'There are too many subscriptions.'],
  ServiceTemporarilyUnavailable: [503, 'Critical', (s) => `Not now; try again in ${s} seconds.`],
  ServiceDisabled: [503, 'Warning', (u) => `The service at ${u} is switched off.`],
  InternalError: [500, 'Critical', () => 'The BMC failed.'],
  CouldNotEstablishConnection: [400, 'Critical', (u) => `Nothing answers at ${u}.`],
  ResourceAtUriInUnknownFormat: [400, 'Critical', (u) => `What is at ${u} has no known format.`],
  AccessDenied: [400, 'Critical', (u) => `${u} refused the BMC.`],
  ChassisPowerStateOnRequired: [400, 'Warning', (c) => `Chassis ${c} must be on for that.`],
  ChassisPowerStateOffRequired: [400, 'Warning', (c) => `Chassis ${c} must be off for that.`],
  PasswordComplexityNotMet: [400, 'Critical', () => 'The password is too simple or too long.'],
} as const satisfies Record<string, readonly [number, Severity, (...args: string[]) => string]>;

export type MessageId = keyof typeof MESSAGES;

/** A no from the BMC's state, before it is put into HTTP or IPMI. */
export class Refusal extends IngotError {
  readonly messageId: string;
  readonly args: readonly string[];
  readonly severity: Severity;

  constructor(messageId: string, status: number, severity: Severity, message: string, args: readonly string[]) {
    super('BmcRefused', status, message);
    this.messageId = messageId;
    this.args = args;
    this.severity = severity;
  }
}

/** The refusal called `id`, ready to throw. */
export function refuse(id: MessageId, ...args: string[]): Refusal {
  const [status, severity, text] = MESSAGES[id] as readonly [number, Severity, (...a: string[]) => string];
  return new Refusal(id, status, severity, text(...args), args);
}

/** One element of `@Message.ExtendedInfo`. */
export function extendedInfo(refusal: Refusal): Record<string, unknown> {
  const known = Object.hasOwn(MESSAGES, refusal.messageId);
  return {
    '@odata.type': '#Message.v1_2_1.Message',
    // ids with a dot name their own registry (a vendor's)
    MessageId: known || !refusal.messageId.includes('.') ? `Base.1.18.${refusal.messageId}` : refusal.messageId,
    Message: refusal.message,
    MessageArgs: refusal.args,
    MessageSeverity: refusal.severity,
    Severity: refusal.severity,
    Resolution: 'See the message.',
  };
}

/** Redfish's error body (DSP0266, error responses). */
export function errorBody(refusal: Refusal): Record<string, unknown> {
  const info = extendedInfo(refusal);
  return {
    error: {
      code: info['MessageId'],
      message: refusal.message,
      '@Message.ExtendedInfo': [info],
    },
  };
}
