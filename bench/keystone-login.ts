/** The first admin's password in a product that a bench starts with Keystone tokens on. */
export const PASSWORD = 'a password of the bench';

/** A token of the first admin. Throws when the product at `url` refuses. */
export async function login(url: string): Promise<string> {
  const user = { name: 'admin', domain: { id: 'default' }, password: PASSWORD };
  const reply = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
  });
  if (reply.status !== 201) throw new Error(`login: ${reply.status} ${await reply.text()}`);
  return reply.headers.get('x-subject-token') ?? '';
}
