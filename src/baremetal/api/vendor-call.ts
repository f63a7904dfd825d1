import { errors } from '../errors.ts';
import type { VendorMethodFacts } from '../model/driver-catalogue.ts';
import type { Reply } from '#http/contract';
import { shown } from './input/value.ts';

/** Finds a vendor's function. Throws 400 in Ironic's words when there is none, or none for the HTTP method. */
export function vendorMethod(
  methods: Readonly<Record<string, VendorMethodFacts>>,
  name: unknown,
  httpMethod: string,
): VendorMethodFacts {
  if (typeof name !== 'string' || name === '') {
    throw errors.MissingParameterValue('Missing mandatory parameter: method');
  }
  const facts = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (facts === undefined) throw errors.InvalidParameterValue(`No handler for method ${shown(name)}`);
  if (!facts.http_methods.includes(httpMethod)) {
    throw errors.InvalidParameterValue(`The method ${shown(name)} does not support HTTP ${httpMethod}`);
  }
  return facts;
}

/** The reply to a vendor's function: 202 without waiting for its end where it says so, else its result. */
export function vendorReply(facts: VendorMethodFacts, result: unknown): Reply {
  if (facts.async) return { status: 202 };
  if (facts.attach) {
    const content = typeof result === 'string' ? result : JSON.stringify(result);
    return { content, headers: { 'Content-Type': 'application/octet-stream' } };
  }
  return { body: result };
}
