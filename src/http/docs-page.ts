import { createHash } from 'node:crypto';
import type { Reply } from './contract.ts';

// One page without anything from elsewhere: it must work in a machine room without internet. It builds its
// elements itself and never sets HTML from data, and its own hash is all the script the browser may run.

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--accent:#0b6e99}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:22rem 1fr;height:100vh}
nav{border-right:1px solid var(--line);overflow:auto;padding:1rem}main{overflow:auto;padding:1.5rem 2rem;max-width:70rem}
select,input{width:100%;padding:.4rem .6rem;margin-bottom:.6rem;font:inherit;border:1px solid var(--line);border-radius:.3rem;background:transparent;color:inherit}
select option{color:#111}nav h2{font-size:.8rem;text-transform:uppercase;letter-spacing:.06em;margin:1rem 0 .2rem;opacity:.7}
nav a{display:block;color:inherit;text-decoration:none;padding:.15rem .4rem;border-radius:.3rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
nav a:hover,nav a[aria-current]{background:var(--soft)}.verb{display:inline-block;min-width:4.2em;font:600 .75rem ui-monospace,monospace;color:var(--accent)}
code,pre{font:.86rem/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;border-radius:.4rem;overflow:auto;white-space:pre-wrap;word-break:break-all}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
button{font:inherit;padding:.25rem .7rem;border:1px solid var(--line);border-radius:.3rem;background:var(--soft);color:inherit;cursor:pointer}
.facts span{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .6rem;margin:0 .4rem .4rem 0;font-size:.85rem}
@media(max-width:50rem){body{grid-template-columns:1fr;height:auto}nav{border:0}}
`;

const SCRIPT = `
'use strict';
const base = location.pathname.replace(/\\/+$/, '');
const $ = (id) => document.getElementById(id);
const el = (tag, props, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
};
let doc = null;
let operations = [];
const resolve = (schema) => {
  for (let i = 0; schema && schema.$ref && i < 20; i++)
    schema = schema.$ref.slice(2).split('/').reduce((at, key) => at[key], doc);
  return schema || {};
};
const typeOf = (schema) => {
  const s = resolve(schema);
  if (s.enum) return s.enum.join(' | ');
  if ('const' in s) return JSON.stringify(s.const);
  const union = s.anyOf || s.oneOf;
  if (union) return [...new Set(union.map(typeOf))].join(' | ');
  if (s.type === 'array') return 'list of ' + (s.items ? typeOf(s.items) : 'anything');
  return [].concat(s.type || 'anything').join(' | ') + (s.format ? ' (' + s.format + ')' : '');
};
const example = (schema, depth) => {
  const s = resolve(schema);
  if (s.example !== undefined) return s.example;
  if (s.default !== undefined) return s.default;
  if ('const' in s) return s.const;
  if (s.enum) return s.enum[0];
  const union = s.anyOf || s.oneOf;
  if (union) return example(union[0], depth);
  if (s.type === 'object') {
    const out = {};
    for (const name of s.required || []) if (depth < 4 && s.properties) out[name] = example(s.properties[name], depth + 1);
    return out;
  }
  if (s.type === 'array') return depth < 4 && s.minItems > 0 && s.items ? [example(s.items, depth + 1)] : [];
  return { string: s.format === 'uuid' ? '1be26c0b-03f2-4d2e-ae87-c02d7f33c123' : 'text', integer: 0, number: 0, boolean: true }[s.type] ?? null;
};
const curlOf = (op) => {
  const quote = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";
  const required = op.parameters.filter((p) => p.in === 'query' && p.required).map((p) => p.name + '=VALUE');
  const lines = ['curl -sS -X ' + op.method.toUpperCase() + ' ' + quote(location.origin + op.path.replace(/{(\\w+)}/g, '$' + '{$1}') + (required.length ? '?' + required.join('&') : ''))];
  const version = op.parameters.find((p) => p.in === 'header');
  if (version) lines.push('-H ' + quote(version.name + ': ' + (version.name === 'OpenStack-API-Version' ? doc.info.title.toLowerCase() + ' ' : '') + doc.info.version));
  if (op.security && op.security.length) lines.push('-H "X-Auth-Token: $OS_TOKEN"');
  if (op.requestBody) {
    const [type, media] = Object.entries(op.requestBody.content)[0];
    lines.push('-H ' + quote('Content-Type: ' + type));
    lines.push(type === 'application/json' ? '-d ' + quote(JSON.stringify(example(media.schema, 0))) : '--data-binary @FILE');
  }
  return lines.join(' \\\\\\n  ');
};
const rows = (schema) => {
  const s = resolve(schema);
  const required = new Set(s.required || []);
  return Object.entries(s.properties || {}).map(([name, value]) =>
    el('tr', {}, el('td', {}, el('code', { textContent: name })), el('td', { textContent: typeOf(value) }),
      el('td', { textContent: required.has(name) ? 'required' : '' }), el('td', { textContent: resolve(value).description || '' })));
};
const table = (title, body) => body.length ? [el('h3', { textContent: title }), el('table', {}, ...body)] : [];
const schemaPart = (title, schema) => {
  if (!schema) return [];
  const body = rows(schema);
  return [...table(title, body), el('details', {}, el('summary', { textContent: title + ': schema' }), el('pre', { textContent: JSON.stringify(resolve(schema), null, 2) }))];
};
const show = (op) => {
  const curl = curlOf(op);
  const copy = el('button', { textContent: 'Copy', onclick: () => navigator.clipboard.writeText(curl).then(() => { copy.textContent = 'Copied'; }) });
  const [status, success] = Object.entries(op.responses)[0];
  const media = success.content && Object.values(success.content)[0];
  $('main').replaceChildren(
    el('h1', { textContent: op.summary || op.operationId }),
    el('p', {}, el('span', { className: 'verb', textContent: op.method.toUpperCase() }), el('code', { textContent: op.path })),
    el('p', { className: 'facts' }, ...[['operation', op.operationId], ['since', op['x-since']], ['policy', op['x-policy'] || 'public'], ['success', status]]
      .filter(([, v]) => v).map(([k, v]) => el('span', { textContent: k + ': ' + v }))),
    op.description ? el('p', { textContent: op.description }) : null,
    ...table('Parameters', op.parameters.map((p) => el('tr', {}, el('td', {}, el('code', { textContent: p.name })), el('td', { textContent: p.in }),
      el('td', { textContent: typeOf(p.schema) + (p.required ? ', required' : '') }), el('td', { textContent: p.description || '' })))),
    ...schemaPart('Body', op.requestBody && Object.values(op.requestBody.content)[0].schema),
    ...schemaPart('Reply', media && media.schema),
    el('h3', {}, 'curl ', copy), el('pre', { textContent: curl }));
};
const list = () => {
  const words = $('search').value.toLowerCase().split(/\\s+/).filter(Boolean);
  const groups = new Map();
  for (const op of operations) {
    const text = (op.method + ' ' + op.path + ' ' + op.operationId + ' ' + op.summary).toLowerCase();
    if (words.every((word) => text.includes(word))) groups.set(op.tags[0], [...(groups.get(op.tags[0]) || []), op]);
  }
  $('list').replaceChildren(...[...groups].flatMap(([tag, ops]) => [el('h2', { textContent: tag }), ...ops.map((op) =>
    el('a', { href: '#' + doc.service + '/' + op.operationId, title: op.summary }, el('span', { className: 'verb', textContent: op.method.toUpperCase() }), op.path))]));
  mark();
};
const mark = () => {
  for (const a of $('list').querySelectorAll('a')) a.hash === location.hash ? a.setAttribute('aria-current', 'page') : a.removeAttribute('aria-current');
};
const load = async (name) => {
  doc = Object.assign(await (await fetch(base + '/api/' + encodeURIComponent(name))).json(), { service: name });
  operations = Object.entries(doc.paths).flatMap(([path, item]) => Object.entries(item).map(([method, op]) =>
    ({ ...op, path, method, parameters: (op.parameters || []).map(resolve) })));
  list();
};
const route = async () => {
  const [service, id] = decodeURIComponent(location.hash.slice(1)).split('/');
  if (service && (!doc || doc.service !== service)) { $('service').value = service; await load(service); }
  const op = operations.find((o) => o.operationId === id);
  if (op) show(op);
  mark();
};
(async () => {
  const services = await (await fetch(base + '/api')).json();
  $('service').replaceChildren(...services.map((s) => el('option', { value: s.name, textContent: s.title })));
  $('service').onchange = () => load($('service').value);
  $('search').oninput = list;
  addEventListener('hashchange', route);
  await load(location.hash.length > 1 ? decodeURIComponent(location.hash.slice(1)).split('/')[0] : services[0].name).catch(() => load(services[0].name));
  $('service').value = doc.service;
  await route();
})();
`;

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ingot API</title><style>${STYLE}</style></head><body>
<nav><select id="service" aria-label="Service"></select><input id="search" type="search" placeholder="Search" aria-label="Search" autofocus><div id="list"></div></nav>
<main id="main"><h1>Ingot API</h1><p>Choose a service and an operation. The documents themselves are at <code>api/&lt;service&gt;</code>.</p></main>
<script>${SCRIPT}</script></body></html>`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page that browses the OpenAPI documents, with the headers that let it run nothing but itself. */
export function docsPage(): Reply {
  return {
    content: PAGE,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        `default-src 'none'; script-src ${hash(SCRIPT)}; style-src ${hash(STYLE)}; connect-src 'self'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
    },
  };
}
