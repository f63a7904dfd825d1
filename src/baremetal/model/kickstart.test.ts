import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultKickstart, renderKickstart } from './kickstart.ts';

const VALUES = {
  liveimg_url: 'https://images.example/el9.tar.gz',
  agent_token: 'a'.repeat(43),
  heartbeat_url: 'http://172.22.0.1:6386/v1/heartbeat/6d1a',
};

test('the built-in templates name nothing that is left over, and report each end', () => {
  for (const repo of [undefined, 'https://mirror.example/el9/']) {
    const values = repo === undefined ? VALUES : { ...VALUES, repo_url: repo };
    const text = renderKickstart(defaultKickstart(repo === undefined ? {} : { repo_url: repo }), values);
    expect(text).not.toContain('{{');
    for (const status of ['start', 'error', 'end']) expect(text).toContain(`"agent_status":"${status}"`);
    expect(text.split('%end')).toHaveLength(repo === undefined ? 5 : 6);
  }
});

test('a template is text: only the four names are put in, everything else stays', () => {
  const attempts = [
    '{{ 7*7 }}',
    "{{ ''.__class__.__mro__ }}",
    '{% for x in ().__class__ %}{% endfor %}',
    '{{ ks_options.__class__ }}',
    '{{ ks_options.agent_token | upper }}',
    '{{ config }}',
    '${7*7}',
    '#{7*7}',
    '<%= 7*7 %>',
    '{{ks_options.constructor}}',
    '{{ ks_options.toString }}',
  ];
  for (const attempt of attempts) expect(renderKickstart(attempt, VALUES)).toBe(attempt);
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/\{\{ *ks_options/.test(text));
      expect(renderKickstart(text, VALUES)).toBe(text);
    }),
  );
});

test('refuses a value that Anaconda or a shell could read as more', () => {
  for (const url of ['http://x/a b', 'http://x/\n%pre', "http://x/'", 'http://x/$(id)', 'http://x/;reboot'])
    expect(() => renderKickstart('{{ ks_options.liveimg_url }}', { ...VALUES, liveimg_url: url })).toThrow(TypeError);
});
