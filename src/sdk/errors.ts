import { defineErrors, IngotError, type IngotErrorOptions } from '#kernel/errors';

/** What a service refused, or why it could not be asked. `status` is 0 when no answer came. */
export class SdkError extends IngotError {
  /** As the server's log knows the call. */
  readonly requestId: string | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: IngotErrorOptions & { requestId?: string | undefined } = {},
  ) {
    super(code, status, message, options);
    this.name = 'SdkError';
    this.requestId = options.requestId;
  }
}

/** What is wrong before anything is sent. */
export const errors = defineErrors({
  CloudUnknown: [400, (name: string, files: string) => `There is no cloud "${name}" in ${files}.`],
  CloudsFileBroken: [400, (file: string, why: string) => `${file} is no clouds.yaml: ${why}`],
  AuthIncomplete: [400, (type: string, missing: string) => `To log in with ${type}, ${missing} is needed.`],
  AuthUnknown: [400, (type: string) => `The way to log in "${type}" is not known here.`],
  NoToken: [400, (type: string) => `Who logs in with "${type}" has no token.`],
  NoEndpoint: [
    404,
    (type: string, region: string) =>
      `The catalog has no ${type} service${region === '' ? '' : ` in region ${region}`}.`,
  ],
  VersionUnreadable: [400, (text: string) => `"${text}" is no microversion (1.115, or latest).`],
  TooOld: [406, (what: string, since: string, server: string) => `${what} needs API ${since}; ${server} is spoken.`],
});
