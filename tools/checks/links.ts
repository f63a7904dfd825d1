import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Check, repositoryFiles, root } from './check.ts';

/** Targets of a Markdown text's links that are files beside it: no URLs, no places in the page, no code. */
export function fileLinks(markdown: string): string[] {
  const prose = markdown.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

export const links: Check = {
  name: 'links in documents',
  async run() {
    const pages = (await repositoryFiles()).filter((path) => path.endsWith('.md'));
    return pages.flatMap((page) =>
      fileLinks(readFileSync(join(root, page), 'utf8'))
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page}: ${normalize(join(dirname(page), target))} does not exist`),
    );
  },
};
