import { Type } from 'typebox';
import type { Door, Reply, Route } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import { HttpErrors } from '#http/errors';
import { asset } from './assets.ts';
import { PAGE, SCRIPT, STYLE } from './page.ts';

// Scripts come from here only. Styles may be set by xterm.js and noVNC as they draw, which needs no script.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const pageRoutes = [
  {
    id: 'page.asset',
    method: 'GET',
    path: '/assets/*',
    since: 0,
    policy: null,
    summary: 'A file of the page',
    success: 200,
    produces: 'text/javascript',
  },
  {
    id: 'page.show',
    method: 'GET',
    path: '/:node_ident',
    since: 0,
    policy: null,
    summary: 'The page of a console',
    params: Type.Object({ node_ident: Type.String() }),
    success: 200,
    produces: 'text/html',
  },
] as const satisfies readonly Route[];

const own: Record<string, { content: string; type: string }> = {
  'page.js': { content: SCRIPT, type: 'text/javascript; charset=utf-8' },
  'page.css': { content: STYLE, type: 'text/css; charset=utf-8' },
};

/** Pages of consoles: for everybody, since they hold nothing; what they show they must ask for. */
export function createPagesDoor(): Door {
  return {
    name: 'console-pages',
    title: 'Console pages',
    prefix: '/ui/console',
    routes: pageRoutes,
    handlers: {
      'page.show': () => ({
        content: PAGE,
        headers: { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
      }),
      'page.asset': async (_context, { params, headers }): Promise<Reply> => {
        const path = params['*'] ?? '';
        const mine = Object.hasOwn(own, path) ? own[path] : undefined;
        if (mine !== undefined) {
          return {
            content: mine.content,
            headers: { ...HEADERS, 'Content-Type': mine.type, 'Cache-Control': 'no-cache' },
          };
        }
        const found = await asset(path);
        if (found === undefined) throw HttpErrors.UrlUnknown();
        const cache = { ETag: found.etag, 'Cache-Control': 'public, max-age=600' };
        if (headers['if-none-match'] === found.etag) return { status: 304, headers: cache };
        return { content: found.bytes, headers: { ...HEADERS, 'Content-Type': found.type, ...cache } };
      },
    },
    errorBody: keystoneErrorBody,
  };
}
