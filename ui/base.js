'use strict';
/** What an address means; nothing where it is no text. */
function plain(part) { try { return decodeURIComponent(part); } catch { return ''; } }
const root = element.querySelector('[data-page]');
const app = {
  views: {}, language: 'hans', admin: false, words: {}, preferences: {}, ready: false,
  Failed: class extends Error {},

  /** Ask the server; what goes wrong is said in the status line and rejects with app.Failed. */
  async call(name, values = {}) {
    let answer;
    try {
      answer = await server.call({ name, language: app.language, arguments: values });
    } catch (error) {
      answer = { error: app.words.lost || String(error) };
      // A session that has ended is sent to the sign-in page, and so is whoever loads this one again.
      const page = await fetch(location.pathname, { redirect: 'manual' }).catch(() => null);
      if (page && page.type === 'opaqueredirect') location.reload();
    }
    if (answer && 'result' in answer) return answer.result;
    const message = (answer && answer.error) || app.words.lost || 'lost';
    app.say(message, 'bad');
    throw new app.Failed(message);
  },

  /** A part of the page that is shown under a tab. */
  view(name, { open, close = () => {} }) {
    const view = { name, open, close, get root() { return root.querySelector(`[data-view="${name}"]`); } };
    app.views[name] = view;
    return view;
  },

  /** A listener on everything that fits, now and later. */
  on(type, selector, listener) {
    root.addEventListener(type, (event) => {
      const found = event.target.closest && event.target.closest(selector);
      if (found && root.contains(found)) listener(found, event);
    }, type === 'toggle' || type === 'focus' || type === 'blur');
  },

  say(message, kind = '') {
    const status = root.querySelector('.pr-status');
    if (!status) return;
    status.textContent = message;
    status.className = `pr-status pr-shown ${kind ? `pr-${kind}` : ''}`;
    clearTimeout(app.saying);
    if (message) app.saying = setTimeout(() => { status.className = 'pr-status'; status.textContent = ''; }, kind === 'bad' ? 9000 : 3000);
  },

  async copy(text) {
    try { await navigator.clipboard.writeText(text); } catch {
      // Without https browsers give no clipboard: the old way still works there.
      const box = Object.assign(document.createElement('textarea'), { value: text });
      root.append(box);
      box.select();
      document.execCommand('copy');
      box.remove();
    }
    app.say(app.words.copied);
  },

  /** Whether the visitor says yes. */
  ask(message, yes) {
    const dialog = root.querySelector('.pr-dialog');
    dialog.querySelector('p').textContent = message;
    dialog.querySelector('[value=yes]').textContent = yes;
    dialog.showModal();
    dialog.querySelector('[value=no]').focus();
    return new Promise((resolve) => {
      const answer = (value) => { dialog.onclose = null; dialog.onclick = null; if (dialog.open) dialog.close(); resolve(value); };
      dialog.onclose = () => answer(false);
      dialog.onclick = (event) => {
        const button = event.target.closest('button');
        if (button) answer(button.value === 'yes');
      };
    });
  },

  go(hash) { if (location.hash === hash) app.route(); else location.hash = hash; },

  prefer(changes) {
    app.preferences = { ...app.preferences, ...changes };
    for (const [name, value] of Object.entries(app.preferences)) if (value === null || value === '') delete app.preferences[name];
    try { localStorage.setItem('policy-rag', JSON.stringify(app.preferences)); } catch { /* private windows may refuse */ }
    app.dress();
  },

  dress() {
    const theme = app.preferences.theme || 'auto';
    const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
    for (const each of [document.documentElement, document.body]) each.classList.toggle('dark', dark);
    document.documentElement.lang = { hans: 'zh-Hans', hant: 'zh-Hant', en: 'en' }[app.language];
    const chosen = root.querySelector('[data-do=theme]');
    if (chosen) chosen.value = theme;
  },

  menu(open) {
    root.querySelector('.pr-side').classList.toggle('pr-open', open);
    root.querySelector('.pr-shade').hidden = !open;
    root.querySelector('.pr-menu').setAttribute('aria-expanded', String(open));
  },

  /** Build the frame anew, in the language of the visitor. */
  async start() {
    const made = await app.call('page.frame');
    Object.assign(app, { admin: made.admin, words: made.words });
    root.innerHTML = made.html;
    app.dress();
    document.title = made.words.title;
    app.counted();
    for (const listener of app.starting) listener();
    app.ready = true;
    await app.route();
  },
  starting: [],

  async counted() { root.querySelector('[data-corpus]').innerHTML = await app.call('page.corpus'); },

  async route() {
    const [, name = '', id = ''] = location.hash.split('/');
    const view = app.views[name] || app.views.chat;
    for (const section of root.querySelectorAll('[data-view]')) section.hidden = section.dataset.view !== view.name;
    for (const tab of root.querySelectorAll('[data-tab]')) {
      if (tab.dataset.tab === view.name) tab.setAttribute('aria-current', 'page'); else tab.removeAttribute('aria-current');
    }
    root.querySelector('.pr-frame').dataset.at = view.name;
    app.menu(false);
    if (app.shown && app.shown !== view) app.shown.close();
    app.shown = view;
    await view.open(plain(id));
  },
};

app.on('click', '[data-do=menu]', () => app.menu(!root.querySelector('.pr-side').classList.contains('pr-open')));
app.on('click', '[data-do=skip]', (link, event) => { event.preventDefault(); root.querySelector('.pr-main').focus(); });
app.on('change', '[data-do=theme]', (select) => app.prefer({ theme: select.value }));
app.on('change', '[data-do=language]', (select) => { app.language = select.value; app.prefer({ language: select.value }); app.start(); });
app.on('click', '[data-do=sign-out]', async () => {
  await fetch('/logout', { method: 'POST', headers: { 'X-Policy-Rag': '1' } });
  location.reload();
});
app.on('keydown', '.pr-side', (side, event) => { if (event.key === 'Escape') app.menu(false); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => app.dress());
window.addEventListener('hashchange', () => { if (app.ready) app.route(); });
window.addEventListener('unhandledrejection', (event) => { if (event.reason instanceof app.Failed) event.preventDefault(); });
