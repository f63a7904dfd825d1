import { defineErrors } from '#kernel/errors';

/** What a request to somebody else's server can fail with. Messages never hold credentials or queries. */
export const outboundErrors = defineErrors({
  OutboundScheme: [400, (scheme: string) => `URLs of the scheme ${scheme} are not fetched`],
  OutboundUrl: [400, (why: string) => `The URL cannot be fetched: ${why}`],
  OutboundAddress: [403, (host: string, why: string) => `${host} is not fetched from: it is ${why}`],
  OutboundRedirects: [502, (host: string, why: string) => `${host} redirects ${why}`],
  OutboundStatus: [502, (host: string, status: number) => `${host} answered ${status}`],
  OutboundUnreachable: [502, (host: string, why: string) => `${host} could not be reached: ${why}`],
});
