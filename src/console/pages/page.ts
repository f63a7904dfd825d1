// The page of a console. It holds nothing of any node: its script asks. Text from outside goes into text nodes only.

/** The document. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Console</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/xterm/xterm.css">
<link rel="stylesheet" href="assets/page.css">
<script type="module" src="assets/page.js"></script>
</head>
<body>
<header>
<strong id="name">Console</strong>
<span id="state" role="status">connecting</span>
<span id="writer"></span>
<span class="gap"></span>
<button id="take" hidden>Take over</button>
<button id="release" hidden>Let others write</button>
<button id="break" hidden>Send break</button>
<button id="keys" hidden>Ctrl+Alt+Del</button>
<button id="again" hidden>Connect again</button>
</header>
<p id="notice" hidden></p>
<main id="screen"></main>
</body>
</html>
`;

export const STYLE = `
:root{color-scheme:dark;--line:#fff3;--good:#7ee787;--bad:#ff7b72}
*{box-sizing:border-box}html,body{height:100%}
body{margin:0;background:#0d1117;color:#e6edf3;font:14px/1.4 system-ui,sans-serif;display:flex;flex-direction:column}
header{display:flex;gap:.8rem;align-items:center;padding:.5rem .8rem;border-bottom:1px solid var(--line);flex-wrap:wrap}
.gap{flex:1}#state{opacity:.8}#state.on{color:var(--good)}#state.off{color:var(--bad)}#writer{opacity:.7}
button{font:inherit;color:inherit;background:#ffffff14;border:1px solid var(--line);border-radius:.3rem;padding:.2rem .7rem;cursor:pointer}
button:hover{background:#ffffff2a}
#notice{margin:0;padding:.4rem .8rem;background:#d2992233;border-bottom:1px solid var(--line)}
main{flex:1;min-height:0;padding:.4rem;overflow:hidden}
`;

export const SCRIPT = `
const $ = (id) => document.getElementById(id);
const node = decodeURIComponent(location.pathname.split('/').pop());
const base = location.pathname.replace(/\\/ui\\/console\\/[^/]*$/, '');
const given = new URLSearchParams(location.hash.slice(1));
const kind = given.get('kind') === 'screen' ? 'screen' : 'serial';
let token = given.get('token');
// The token is good once: it stays neither in the address nor in the history.
history.replaceState(null, '', location.pathname + (kind === 'screen' ? '#kind=screen' : ''));
$('name').textContent = node;
document.title = node + ' – console';

const state = (text, how) => {
  $('state').textContent = text;
  $('state').className = how || '';
};
const notice = (text) => {
  $('notice').textContent = text || '';
  $('notice').hidden = !text;
};

/** A WebSocket of ours as noVNC wants a channel: binary frames go through, our messages are taken out. */
class Channel {
  constructor(socket, onMessage) {
    this.socket = socket;
    this.waiting = [];
    this.listener = null;
    this.onopen = this.onclose = this.onerror = null;
    socket.onopen = (event) => this.onopen && this.onopen(event);
    socket.onclose = (event) => this.onclose && this.onclose(event);
    socket.onerror = (event) => this.onerror && this.onerror(event);
    socket.onmessage = (event) => {
      if (typeof event.data === 'string') onMessage(JSON.parse(event.data));
      else if (this.listener && this.waiting.length === 0) this.listener(event);
      else this.waiting.push(event);
    };
  }
  get onmessage() { return this.listener; }
  // The machine may speak before noVNC is loaded: that is given once it listens and knows that it does.
  set onmessage(listener) {
    this.listener = listener;
    setTimeout(() => {
      for (const event of this.waiting.splice(0)) if (this.listener) this.listener(event);
    });
  }
  get binaryType() { return this.socket.binaryType; }
  set binaryType(type) { this.socket.binaryType = type; }
  get protocol() { return this.socket.protocol; }
  get readyState() { return this.socket.readyState; }
  send(data) { this.socket.send(data); }
  close(code, reason) { this.socket.close(code, reason); }
}

async function open() {
  notice('');
  $('again').hidden = true;
  state('connecting');
  if (token === null) {
    const answer = await fetch(base + '/console/v1/nodes/' + encodeURIComponent(node) + '/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind }),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const why = (said.error && said.error.message) || answer.statusText;
      notice(answer.status === 401 ? 'Log in with: ingot console --url ' + node + '  and open the address it prints.' : why);
      state('not connected', 'off');
      $('again').hidden = false;
      return;
    }
    token = said.session.token;
  }
  const url = location.origin.replace(/^http/, 'ws') + base + '/console/v1/connect';
  const socket = new WebSocket(url, ['ingot.console.v1', 'ingot.token.' + token]);
  token = null;
  socket.binaryType = 'arraybuffer';
  const say = (type) => socket.readyState === 1 && socket.send(JSON.stringify({ type }));
  $('take').onclick = () => say('take');
  $('release').onclick = () => say('release');
  $('break').onclick = () => say('break');
  let mode = 'write';
  let bye = '';
  const onMessage = (message) => {
    if (message.type === 'hello') {
      mode = message.mode;
      state('connected', 'on');
    } else if (message.type === 'writer') {
      $('writer').textContent = message.you ? 'you write' : message.by ? message.by + ' writes' : 'nobody writes';
      $('take').hidden = message.you || mode !== 'write';
      $('release').hidden = !message.you || message.readers < 2;
      $('break').hidden = !message.you || kind !== 'serial';
      $('keys').hidden = !message.you || kind !== 'screen';
      document.body.dataset.writes = String(message.you);
    } else if (message.type === 'notice') notice(message.text);
    else if (message.type === 'bye') bye = message.text;
  };
  const over = () => {
    for (const id of ['take', 'release', 'break', 'keys']) $(id).hidden = true;
    $('writer').textContent = '';
    $('again').hidden = false;
    state(bye || 'disconnected', 'off');
  };
  $('screen').replaceChildren();
  if (kind === 'screen') await screen(new Channel(socket, onMessage), over);
  else await serial(socket, onMessage, over);
}

async function serial(socket, onMessage, over) {
  const waiting = [];
  socket.onmessage = (event) => waiting.push(event);
  socket.onclose = over;
  const [{ Terminal }, { FitAddon }] = await Promise.all([
    import('./xterm/xterm.mjs'),
    import('./xterm/addon-fit.mjs'),
  ]);
  const terminal = new Terminal({ scrollback: 10000, cursorBlink: true, convertEol: false, fontSize: 14 });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open($('screen'));
  fit.fit();
  window.onresize = () => fit.fit();
  terminal.focus();
  // For tests and for people who read the page with a program.
  window.shownText = () => {
    const { active } = terminal.buffer;
    const lines = [];
    for (let i = 0; i < active.length; i++) lines.push(active.getLine(i).translateToString(true));
    return lines.join('\\n');
  };
  const encoder = new TextEncoder();
  const send = (bytes) => {
    for (let at = 0; at < bytes.length; at += 8192) if (socket.readyState === 1) socket.send(bytes.slice(at, at + 8192));
  };
  terminal.onData((text) => send(encoder.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (char) => char.charCodeAt(0))));
  const take = (event) => {
    if (typeof event.data === 'string') onMessage(JSON.parse(event.data));
    else terminal.write(new Uint8Array(event.data));
  };
  socket.onmessage = take;
  for (const event of waiting) take(event);
}

async function screen(channel, over) {
  const { default: RFB } = await import('./novnc/core/rfb.js');
  const rfb = new RFB($('screen'), channel, { shared: true });
  rfb.scaleViewport = true;
  rfb.addEventListener('disconnect', over);
  rfb.addEventListener('connect', () => {
    document.body.dataset.rfb = 'connected';
    rfb.focus();
  });
  $('keys').onclick = () => rfb.sendCtrlAltDel();
}

$('again').onclick = () => void open();
void open();
`;
