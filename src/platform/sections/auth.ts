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
  policy_file: optionalText({
    description: 'File of rules that override the built-in ones (TOML, JSON or YAML); read again when it changes.',
  }),
  admin_password: secretText({
    description:
      'Password of the first administrator, used at the first start only. None: one is made. Either way it is written to `admin-password` in the data directory, for its owner alone.',
  }),
});
