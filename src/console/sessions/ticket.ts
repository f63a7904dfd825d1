/** What an interactive session may do: made by the API that took the token, honoured by the process with the line. */
export interface Ticket {
  id: string;
  node: string;
  kind: 'serial' | 'screen';
  /** May it ever write? One of those that may does. */
  mode: 'write' | 'read';
  /** What it sees: everything, or this tenancy while it lasts. */
  scope: 'all' | number;
  /** For the others who watch. */
  userName: string;
}

/** Why a session ended, as the WebSocket says it: code and words. */
export const ENDS = {
  stopped: [1001, 'the service stops'],
  'lease-ended': [4001, 'your lease of this machine is over'],
  'switched-off': [4002, 'the console was switched off'],
  rights: [4003, 'you may no longer use this console'],
  moved: [4004, 'another conductor has this console now; connect again'],
  full: [4005, 'too many sessions on this console'],
  absent: [4006, 'this console is not connected'],
  closed: [4007, 'the session was ended by request'],
  protocol: [4008, 'what was sent makes no sense here'],
  screen: [4009, 'the screen was disconnected'],
} as const;

export type SessionEnd = keyof typeof ENDS;
