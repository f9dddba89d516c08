{
  const panel = () => root.querySelector('#pr-reader');
  const find = (selector) => panel().querySelector(selector);
  const scroller = () => find('.pr-reader-scroll');
  const top = (thing) => thing.getBoundingClientRect().top;
  const narrow = matchMedia('(max-width: 900px)');
  let asked = null, opener = null, script = 'original', outlined = null, requests = 0, matches = [], match = -1, hash = '', led = 0;

  app.openReader = async ({ from = null, ...what }) => {
    if (from && !panel().contains(from)) opener = from;
    const before = panel().hidden;
    if (!await show(what)) return;
    if (before && narrow.matches) history.pushState({ reader: true }, '');
    (find('#pr-mark') || find('#pr-reader-title')).focus({ preventScroll: true });
  };

  /** Fill the panel; at the mark, or with `stay` at the place that is being read now. */
  async function show(what, { stay = false, around = null } = {}) {
    const request = ++requests, place = stay ? reading() : null;
    const words = stay && find('.pr-reader-find input') ? find('.pr-reader-find input').value : '';
    const html = await app.call('reader.open', { ...what, script, ...(around === null ? {} : { around }) });
    if (request !== requests) return false; // another one has been asked for
    asked = what;
    hash = location.hash;
    panel().innerHTML = html;
    panel().hidden = false;
    panel().setAttribute('aria-labelledby', 'pr-reader-title');
    expanded();
    alone();
    outline(outlined === null ? panel().clientWidth >= 820 : outlined && !narrow.matches);
    scroller().addEventListener('scroll', moved, { passive: true });
    forget();
    if (place) keep(place); else if (around === null) center(find('#pr-mark'));
    if (words) { searching(true); find('.pr-reader-find input').value = words; await search(false); }
    return true;
  }

  function close({ focus = true } = {}) {
    if (!panel() || panel().hidden) return;
    requests += 1;
    const back = opener && opener.isConnected ? opener : cited()[0];
    asked = opener = null;
    panel().hidden = true;
    panel().replaceChildren();
    forget();
    expanded();
    alone();
    if (history.state && history.state.reader) history.back();
    if (focus) (back || root.querySelector('.pr-main')).focus({ preventScroll: true });
  }

  /** What in the chat opens the citation that is shown. */
  function cited() {
    if (!asked || !asked.turn) return [];
    const turn = root.querySelector(`.pr-turn[data-answer="${Number(asked.turn)}"]`);
    return turn ? [...turn.querySelectorAll(`[data-do=source][data-number="${Number(asked.number)}"]`)] : [];
  }

  function expanded() {
    for (const each of root.querySelectorAll('[aria-controls=pr-reader]')) { each.removeAttribute('aria-expanded'); each.removeAttribute('aria-controls'); }
    for (const each of cited()) { each.setAttribute('aria-expanded', 'true'); each.setAttribute('aria-controls', 'pr-reader'); }
  }

  /** On a small screen the panel covers all else, which the keyboard must not reach then. */
  function alone() {
    const covers = narrow.matches && !panel().hidden;
    for (const each of root.querySelectorAll('.pr-top, .pr-side, .pr-main')) each.inert = covers;
  }

  // --- places

  /** Scroll by what `aim` says until it says 0: blocks that come into view get their true heights only then. */
  function settle(aim) {
    const box = scroller();
    led = performance.now() + 600; // until then the reader has not scrolled by themselves
    let rounds = 0, held = 0;
    const step = () => {
      if (!box.isConnected) return;
      const before = box.scrollTop, by = aim();
      if (Math.abs(by) > 1) box.scrollTop += by;
      held = box.scrollTop === before ? held + 1 : 0;
      if (held < 3 && ++rounds < 20) requestAnimationFrame(step);
    };
    step();
  }

  function center(thing) {
    if (!thing) return;
    settle(() => {
      const view = scroller().getBoundingClientRect(), at = thing.getBoundingClientRect();
      if (at.height > view.height * 0.9) return at.top - view.top - 24;
      return at.top + at.height / 2 - view.top - view.height / 2;
    });
  }

  function blocks() { return [...panel().querySelectorAll('.pr-reader-block')]; }
  function reading() {
    const view = scroller() && top(scroller());
    const block = scroller() && blocks().find((each) => each.getBoundingClientRect().bottom > view + 8);
    return block ? { at: block.dataset.at, by: top(block) - view } : null;
  }
  function keep({ at, by }) {
    const block = find(`.pr-reader-block[data-at="${Number(at)}"]`) || find('.pr-reader-block');
    if (block) settle(() => top(block) - top(scroller()) - by);
  }

  /** The element that begins at the character `to`, or the last before it; nothing when that is not loaded. */
  function beginning(to) {
    const before = find('.pr-reader-more[data-side=before]'), after = find('.pr-reader-more[data-side=after]');
    if ((before && to < Number(before.dataset.edge)) || (after && to >= Number(after.dataset.edge))) return null;
    return [...panel().querySelectorAll('.pr-reader-text [data-at]')].filter((each) => Number(each.dataset.at) <= to).pop();
  }

  async function jump(to) {
    if (!beginning(to) && !await show(asked, { around: to })) return;
    const target = beginning(to);
    if (target) settle(() => top(target) - top(scroller()) - 16);
    reached([...panel().querySelectorAll('.pr-reader-jump')].find((each) => Number(each.dataset.to) === to));
    if (over()) outline(false);
    scroller().focus({ preventScroll: true });
  }

  let resting;
  function moved() {
    const box = scroller(), before = find('.pr-reader-more[data-side=before]'), after = find('.pr-reader-more[data-side=after]');
    if (before && box.scrollTop < 1500) more(before);
    if (after && box.scrollHeight - box.scrollTop - box.clientHeight < 1500) more(after);
    clearTimeout(resting);
    if (performance.now() > led) resting = setTimeout(current, 120);
  }

  async function more(button) {
    if (button.dataset.busy) return;
    button.dataset.busy = 'true';
    const before = button.dataset.side === 'before';
    try {
      const { html, edge } = await app.call('reader.more', { ...asked, script, edge: Number(button.dataset.edge), before });
      if (!button.isConnected) return;
      const first = find('.pr-reader-block'), place = top(first);
      find('.pr-reader-text').insertAdjacentHTML(before ? 'afterbegin' : 'beforeend', html);
      if (edge === null) button.remove(); else button.dataset.edge = edge;
      if (before) settle(() => top(first) - place);
    } finally { delete button.dataset.busy; }
  }

  // --- outline

  function outline(open) {
    const button = find('[data-do="reader.outline"]');
    if (!button) return;
    find('.pr-reader-outline').hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) shown(find('.pr-reader-jump[aria-current]'));
  }

  /** Whether the outline covers the text. */
  function over() { const box = find('.pr-reader-outline'); return !box.hidden && getComputedStyle(box).position === 'absolute'; }

  function shown(entry) {
    for (let list = entry && entry.closest('ul[hidden]'); list; list = list.closest('ul[hidden]')) fold(list.parentElement.querySelector('[data-do="reader.fold"]'), true);
    const box = find('.pr-reader-outline');
    if (!entry || box.hidden) return;
    const view = box.getBoundingClientRect(), at = entry.getBoundingClientRect();
    if (at.top < view.top || at.bottom > view.bottom) box.scrollTop += at.top - view.top - view.height / 3;
  }

  function fold(button, open) {
    button.setAttribute('aria-expanded', String(open));
    button.closest('li').querySelector('ul').hidden = !open;
  }

  /** Mark the section that is being read. */
  function current() {
    if (panel().hidden) return;
    const box = scroller().getBoundingClientRect(), view = box.top + box.height / 3;
    const block = blocks().findLast((each) => top(each) < view) || find('.pr-reader-block');
    if (!block) return;
    const start = Math.max(Number(block.dataset.at), ...[...block.querySelectorAll('[data-at]')].filter((each) => top(each) < view).map((each) => Number(each.dataset.at)));
    reached([...panel().querySelectorAll('.pr-reader-jump')].filter((each) => Number(each.dataset.to) <= start).pop());
  }

  function reached(entry) {
    for (const each of panel().querySelectorAll('.pr-reader-jump[aria-current]')) each.removeAttribute('aria-current');
    if (!entry) return;
    entry.setAttribute('aria-current', 'true');
    shown(entry);
  }

  // --- search

  function searching(open) {
    find('.pr-reader-find').hidden = !open;
    find('[data-do="reader.search"]').setAttribute('aria-expanded', String(open));
    if (!open) forget();
  }

  function forget() {
    matches = [];
    match = -1;
    if (window.CSS && CSS.highlights) { CSS.highlights.delete('pr-found'); CSS.highlights.delete('pr-found-now'); }
  }

  async function search(go = true) {
    const words = find('.pr-reader-find input').value.trim();
    const forms = words ? await app.call('reader.forms', { words }) : [];
    if (panel().hidden || find('.pr-reader-find input').value.trim() !== words) return;
    forget();
    matches = forms.length ? places(forms) : [];
    const seen = blocks().find((each) => each.getBoundingClientRect().bottom > top(scroller()));
    match = Math.max(0, matches.findIndex((each) => seen.contains(each.startContainer) || seen.compareDocumentPosition(each.startContainer) & Node.DOCUMENT_POSITION_FOLLOWING));
    tell(words);
    if (go && matches.length) center(matches[match]);
  }

  /** Where one of `forms` stands in the text, over line ends too. */
  function places(forms) {
    const walker = document.createTreeWalker(find('.pr-reader-text'), NodeFilter.SHOW_TEXT), nodes = [];
    let whole = '';
    while (walker.nextNode()) { nodes.push({ node: walker.currentNode, start: whole.length }); whole += walker.currentNode.data; }
    const plain = (character) => (/\s/.test(character) ? '' : character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    const pattern = new RegExp(forms.map((form) => [...form].map(plain).filter(Boolean).join('\\s*')).join('|'), 'giu');
    const found = [];
    let index = 0;
    const at = (offset, atEnd) => {
      while (index + 1 < nodes.length && nodes[index + 1].start + (atEnd ? 1 : 0) <= offset) index += 1;
      return [nodes[index].node, offset - nodes[index].start];
    };
    for (const each of whole.matchAll(pattern)) {
      if (found.length >= 5000) break;
      const range = document.createRange();
      range.setStart(...at(each.index, false));
      range.setEnd(...at(each.index + each[0].length, true));
      found.push(range);
    }
    return found;
  }

  function tell(words) {
    const output = find('.pr-reader-find output'), said = find('.pr-reader-more') ? output.dataset.part : output.dataset.found;
    output.textContent = !words ? '' : matches.length ? said.replace('{at}', match + 1).replace('{total}', matches.length) : output.dataset.nothing;
    if (!window.CSS || !CSS.highlights || !matches.length) return;
    CSS.highlights.set('pr-found', new Highlight(...matches));
    const now = new Highlight(matches[match]);
    now.priority = 1;
    CSS.highlights.set('pr-found-now', now);
  }

  function next(step) {
    if (!matches.length) return;
    match = (match + step + matches.length) % matches.length;
    tell(true);
    center(matches[match]);
  }

  // --- what can be done

  async function go(number) {
    if (!await show({ ...asked, number })) return;
    (find('#pr-mark') || find('#pr-reader-title')).focus({ preventScroll: true });
  }

  app.on('click', '[data-do="reader.close"]', () => close());
  app.on('click', '[data-do="reader.go"]', (element) => {
    if (String(getSelection())) return; // words are being selected, not followed
    go(Number(element.dataset.number));
  });
  app.on('click', '[data-do="reader.script"]', async (button) => {
    script = button.dataset.script;
    if (await show(asked, { stay: true })) find(`[data-script="${script}"]`).focus();
  });
  app.on('click', '[data-do="reader.document"]', (button) => app.openReader({ source: decodeURIComponent(button.dataset.source), start: 0, end: 0 }));
  app.on('click', '[data-do="reader.outline"]', (button) => { outlined = button.getAttribute('aria-expanded') !== 'true'; outline(outlined); });
  app.on('click', '[data-do="reader.fold"]', (button) => fold(button, button.getAttribute('aria-expanded') !== 'true'));
  app.on('click', '[data-do="reader.jump"]', (button) => jump(Number(button.dataset.to)));
  app.on('click', '[data-do="reader.more"]', more);
  app.on('click', '[data-do="reader.search"]', (button) => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    searching(open);
    if (open) find('.pr-reader-find input').focus();
  });
  app.on('click', '[data-do="reader.match"]', (button) => next(Number(button.dataset.step)));
  let typing;
  app.on('input', '.pr-reader-find input', () => { clearTimeout(typing); typing = setTimeout(search, 200); });
  app.on('submit', '.pr-reader-find', (form, event) => { event.preventDefault(); next(1); });

  app.on('keydown', '.pr-reader', (_, event) => {
    const inSearch = event.target.closest('.pr-reader-find');
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (inSearch) { searching(false); find('[data-do="reader.search"]').focus(); }
      else if (event.target.closest('.pr-reader-outline') || over()) { outline(false); find('[data-do="reader.outline"]').focus(); }
      else close();
    }
    if (inSearch && event.key === 'Enter' && event.shiftKey) { event.preventDefault(); next(-1); }
    const step = { ArrowLeft: 'previous', ArrowRight: 'next' }[event.key];
    if (!step || inSearch || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = find(`[data-do="reader.go"][data-step=${step}]:enabled`);
    if (button) { event.preventDefault(); go(Number(button.dataset.number)); }
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && document.activeElement === document.body) close(); });
  narrow.addEventListener('change', () => { if (panel()) alone(); });
  window.addEventListener('popstate', () => close({ focus: location.hash === hash })); // a phone's way back
  window.addEventListener('hashchange', () => close({ focus: false }));
  app.starting.push(() => { if (asked) show(asked); }); // the frame is new: in another language
}
