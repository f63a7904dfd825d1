/** What `last_error` says of an operation somebody aborted, by the operation's name. */
export const abortedText = (operation: string | null): string =>
  operation === 'inspect'
    ? 'Inspection was aborted by request.'
    : `By request, the ${operation ?? ''} operation was aborted`;
