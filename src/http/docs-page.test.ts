import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { docsPage } from './docs-page.ts';
import { openapiOf } from './openapi.ts';
import { operationsRoutes } from './operations-routes.ts';

/** As much of a browser's document as the page needs. */
class FakeElement {
  children: (FakeElement | string)[] = [];
  textContent = '';
  value = '';
  href = '';
  append(...children: (FakeElement | string)[]) {
    this.children.push(...children);
  }
  replaceChildren(...children: (FakeElement | string)[]) {
    this.children = children;
  }
  get hash() {
    return this.href;
  }
  setAttribute() {}
  removeAttribute() {}
  querySelectorAll() {
    return this.children.filter((child) => child instanceof FakeElement && child.href !== '');
  }
  get text(): string {
    return this.textContent + this.children.map((child) => (typeof child === 'string' ? child : child.text)).join(' ');
  }
}

describe('the documentation page', () => {
  const { content, headers } = docsPage();
  const html = content as string;
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] as string;

  it('may run its own script and style only', () => {
    const policy = headers?.['Content-Security-Policy'];
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] as string;
    for (const text of [script, style])
      expect(policy).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(html).not.toMatch(/ on\w+="| style="/);
  });

  it('lists, searches and shows operations', async () => {
    const elements: Record<string, FakeElement & { onchange?: () => void; oninput?: () => void }> = {};
    for (const id of ['service', 'search', 'list', 'main']) elements[id] = new FakeElement();
    const tables = [
      {
        name: 'operations',
        title: 'Operations',
        prefix: '',
        routes: operationsRoutes,
        versions: { min: 1, max: 9, fallback: 1 },
      },
    ];
    const location = { pathname: '/docs/', hash: '#operations/events.stream', origin: 'http://h:1' };
    const answers: Record<string, unknown> = {
      '/docs/api': tables,
      '/docs/api/operations': openapiOf(tables[0] as (typeof tables)[0]),
    };
    runInNewContext(script, {
      location,
      document: { getElementById: (id: string) => elements[id], createElement: () => new FakeElement() },
      fetch: async (url: string) => ({ json: async () => structuredClone(answers[url]) }),
      addEventListener: () => {},
      encodeURIComponent,
      decodeURIComponent,
    });
    await expect.poll(() => elements['main']?.text).toContain('Changes as they happen');
    const main = elements['main']?.text;
    expect(main).toContain("curl -sS -X GET 'http://h:1/events'");
    expect(main).toContain("-H 'X-OpenStack-Ironic-API-Version: 1.9'");
    expect(main).toContain('list of string');
    expect(elements['list']?.text).toContain('/healthcheck');
    (elements['search'] as FakeElement).value = 'metrics prometheus';
    elements['search']?.oninput?.();
    expect(elements['list']?.text).toContain('/metrics');
    expect(elements['list']?.text).not.toContain('/healthcheck');
  });
});
