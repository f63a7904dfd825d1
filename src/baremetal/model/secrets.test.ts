import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSecrets, splitSecrets } from './secrets.ts';

describe('secrets of node documents', () => {
  it('masks secret keys at any depth and keeps the rest', () => {
    const { masked, secrets } = splitSecrets(
      { redfish_password: 'p', redfish_address: 'a', nested: [{ api_token: { a: 1 } }], snmp_auth_key: 'k' },
      'driver_info',
    );
    expect(masked).toEqual({
      redfish_password: '******',
      redfish_address: 'a',
      nested: [{ api_token: '******' }],
      snmp_auth_key: '******',
    });
    expect(secrets).toEqual({ redfish_password: 'p', 'nested/0/api_token': { a: 1 }, snmp_auth_key: 'k' });
  });

  it('keeps the old value where the mask is sent back', () => {
    const { secrets } = splitSecrets({ ipmi_password: '******', x_token: 'new' }, 'driver_info', {
      ipmi_password: 'old',
      x_token: 'older',
    });
    expect(secrets).toEqual({ ipmi_password: 'old', x_token: 'new' });
  });

  it('keeps a config drive that was sent back masked', () => {
    const first = splitSecrets({ configdrive: { user_data: 'x', admin_pass: 'y' } }, 'instance_info');
    expect(first.masked).toEqual({ configdrive: '******' });
    const again = splitSecrets(first.masked, 'instance_info', first.secrets);
    expect(again).toEqual(first);
  });

  const json = fc.jsonValue().filter((v) => typeof v === 'object' && v !== null && !Array.isArray(v));
  it('joins back to what was split', () => {
    fc.assert(
      fc.property(
        json,
        fc.dictionary(fc.constantFrom('password', 'a/b_token', 'x~secret', 'image_url', 'plain'), fc.jsonValue()),
        (a, b) => {
          const document = { ...(a as object), ...b, nested: { list: [b] } };
          const { masked, secrets } = splitSecrets(document, 'instance_info');
          expect(joinSecrets(masked, secrets)).toEqual(document);
          expect(splitSecrets(masked, 'instance_info', secrets)).toEqual({ masked, secrets });
        },
      ),
    );
  });
});
