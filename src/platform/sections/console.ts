import { HOST_PORT, list, optionalText, section, whole } from './fields.ts';

export const consoleSettings = section('Consoles of machines: recorded always, shown to whose they are.', {
  keep_mib: whole({
    default: 16,
    minimum: 1,
    maximum: 10_240,
    description: 'MiB of console output kept of each machine; the oldest goes first.',
  }),
  keep_days: whole({
    default: 30,
    minimum: 1,
    maximum: 3650,
    description: 'Days console output is kept at most.',
  }),
  listen: optionalText({
    pattern: HOST_PORT,
    allowed: 'HOST:PORT, such as 10.0.0.5:6386',
    description:
      "Where this conductor lets the API of other hosts reach its consoles; encrypted, and only for processes that have the key of the secrets. None: only this process's own API shows them. Port 0 takes a free one.",
  }),
  advertise: optionalText({
    pattern: HOST_PORT,
    allowed: 'HOST:PORT, such as conductor-1.example.org:6386',
    description: 'The address other hosts are told for `console.listen`. None: that itself.',
  }),
  allowed_origins: list({
    default: [],
    description: "Origins of web pages, beside this service's own, that may open console sessions.",
  }),
  lab_sockets: list({
    default: [],
    description:
      'Beginnings of places where consoles of lab machines may be (`/run/lab/`, `127.0.0.1:`). None: there is no console interface `lab-socket`.',
  }),
});
