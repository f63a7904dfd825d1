import { choice, flag, optionalText, secretText, section, text, whole } from './fields.ts';

export const authSettings = section('Who may use the API.', {
  strategy: choice(['none', 'http_basic', 'keystone'], {
    default: 'http_basic',
    flag: '--auth',
    description:
      '`none`: everybody is administrator, so it is refused unless the API listens on loopback only. `http_basic`: names and passwords of the file in `htpasswd`. `keystone`: tokens of the identity service at `/identity/v3`.',
  }),
  allow_none_anywhere: flag({
    default: false,
    flag: '--allow-none-anywhere',
    description:
      'Lets `strategy = "none"` listen on addresses that others reach. Only behind a proxy that checks who calls.',
  }),
  htpasswd: optionalText({
    description: 'File of names and bcrypt hashes, as `htpasswd -B` makes it. None: `htpasswd` in the data directory.',
  }),
  region: text({
    default: 'RegionOne',
    pattern: '^[^\\s/]{1,255}$',
    description: 'Name of the region in the catalog of services.',
  }),
  token_lifetime_s: whole({
    default: 28_800,
    minimum: 300,
    maximum: 604_800,
    description: 'Seconds a token is good for.',
  }),
  keystone_url: optionalText({
    pattern: '^https?://[^\\s]+[^\\s/]$',
    allowed: 'a URL without a slash at its end, such as https://keystone.example.org:5000/v3',
    description:
      'With `strategy = "keystone"`: the existing Keystone whose tokens are believed. None: Ingot is the identity service itself.',
  }),
  keystone_user: text({ default: 'ironic', description: 'The account with which tokens are looked up there.' }),
  keystone_password: secretText({ description: 'Its password.' }),
  keystone_user_domain: text({ default: 'Default', description: 'Name of its domain.' }),
  keystone_project: text({ default: 'service', description: 'Name of the project it logs in to.' }),
  keystone_project_domain: text({ default: 'Default', description: "Name of that project's domain." }),
  trust_service_project: flag({
    default: false,
    description:
      'Accounts with the role `service` in the project of services (`keystone_project`) act for the whole system, as Nova of older releases expects.',
  }),
  password_min_length: whole({
    default: 8,
    minimum: 1,
    maximum: 128,
    description: 'Characters that passwords chosen by users must have.',
  }),
  password_history: whole({
    default: 0,
    minimum: 0,
    maximum: 100,
    description: 'How many of the last passwords of a user may not be used again.',
  }),
  password_expires_days: whole({
    default: 0,
    minimum: 0,
    maximum: 3650,
    description: 'Days a password is good for. 0: for ever.',
  }),
  password_minimum_age_days: whole({
    default: 0,
    minimum: 0,
    maximum: 365,
    description: 'Days before users may change a password again.',
  }),
  password_pattern: optionalText({
    description: 'A regular expression that passwords chosen by users must match.',
  }),
  password_pattern_description: optionalText({ description: 'What that expression asks for, in words for people.' }),
  password_change_at_first_use: flag({
    default: false,
    description: 'A password an administrator set must be changed at the first login.',
  }),
  lockout_attempts: whole({
    default: 5,
    minimum: 1,
    maximum: 1000,
    description: 'Failed logins of a user from one place before it must wait; the wait doubles with each further one.',
  }),
  lockout_longest_wait_s: whole({
    default: 900,
    minimum: 1,
    maximum: 86_400,
    description: 'Seconds such a wait takes at most.',
  }),
  policy_file: optionalText({
    description: 'File of rules that override the built-in ones (TOML, JSON or YAML); read again when it changes.',
  }),
  admin_password: secretText({
    description:
      'Password of the first administrator, used at the first start only. None: one is made. Either way it is written to `admin-password` in the data directory, for its owner alone.',
  }),
});
