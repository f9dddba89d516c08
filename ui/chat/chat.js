{
  let conversation = '', running = null, draft = '';
  const find = (selector) => view.root.querySelector(selector);

  const view = app.view('chat', {
    async open(id) {
      if (!find('.pr-ask')) {
        view.root.innerHTML = await app.call('chat.view');
        find('.pr-scroll').addEventListener('scroll', hideTip, { passive: true });
        find('.pr-question-box').value = draft;
        prepared();
      }
      if (running && id !== conversation) stop();
      if (running) return;
      const stands = id && id === conversation && find('.pr-turn');
      enter(id);
      await Promise.all([stands || show(), limits()]);
      if (!matchMedia('(pointer: coarse)').matches) find('.pr-question-box')?.focus();
    },
    close() { hideTip(); },
  });

  /** From now on it is this conversation, and the tab leads back to it. */
  function enter(id) {
    conversation = app.conversation = id;
    root.querySelector('[data-tab=chat]').href = id ? `#/c/${encodeURIComponent(id)}` : '#/';
  }
  app.starting.push(() => enter(conversation));

  async function show() {
    const wanted = conversation;
    let html;
    try {
      html = wanted ? (await app.call('chat.open', { conversation: wanted })).html : await app.call('chat.welcome');
    } catch (error) {
      if (!wanted) throw error;
      return app.go('#/');
    }
    const turns = find('.pr-turns'); // not there while the page is built anew in another language
    if (running || wanted !== conversation || !turns) return;
    turns.innerHTML = html;
    document.dispatchEvent(new CustomEvent('pr-conversation', { detail: wanted }));
    instead(find('.pr-turn:last-child'));
    const last = find('.pr-turn:last-child');
    if (last) last.scrollIntoView({ block: 'start' }); else find('.pr-scroll').scrollTop = 0;
  }

  /** The model may have to be built or loaded first: say so until it is. */
  async function prepared() {
    const line = find('[data-preparing]');
    while (!(line.hidden = await app.call('page.prepared'))) await new Promise((resolve) => { setTimeout(resolve, 700); });
  }

  async function limits() {
    const line = find('.pr-limits');
    const html = app.preferences.where ? await app.call('chat.limits', { where: app.preferences.where }) : '';
    line.innerHTML = html;
    line.hidden = !html;
  }

  function busy(state) {
    find('.pr-send[type=submit]').hidden = state;
    find('.pr-stop').hidden = !state;
  }

  function submit(question, insteadOf = null) {
    if (!question.trim() || running) return;
    if (!conversation) find('.pr-turns').innerHTML = '';
    for (let turn = insteadOf; turn;) { const next = turn.nextElementSibling; turn.remove(); turn = next; }
    const place = document.createElement('div');
    place.className = 'pr-live';
    find('.pr-turns').append(place);
    const { k, strictness, where } = app.preferences;
    running = { id: crypto.randomUUID ? crypto.randomUUID() : String(Math.random()), place, began: false };
    busy(true);
    trigger('ask', {
      language: app.language,
      arguments: {
        id: running.id, question, conversation, instead_of: insteadOf ? Number(insteadOf.dataset.turn) : null,
        options: { k, strictness, where },
      },
    });
  }

  async function stop() {
    if (!running) return;
    trigger('halt');
    const { place } = running, known = conversation;
    running = null;
    busy(false);
    if (known) await app.call('chat.stop', { conversation: known });
    if (!place.isConnected) return;
    place.remove();
    await show(); // what was stored of it
  }

  watch('value', () => {
    const message = props.value && JSON.parse(props.value);
    if (!message || !running || message.id !== running.id) return;
    const { place } = running;
    if (message.conversation && message.conversation !== conversation) {
      enter(message.conversation);
      if (app.shown === view) history.replaceState(null, '', `#/c/${conversation}`);
    }
    place.innerHTML = message.html;
    if (!running.began) { running.began = true; place.scrollIntoView({ block: 'start', behavior: 'auto' }); }
    if (message.state === 'writing') return;
    const turn = place.firstElementChild;
    place.replaceWith(turn);
    running = null;
    busy(false);
    instead(turn);
    document.dispatchEvent(new CustomEvent('pr-answered', { detail: conversation }));
  });

  /** Below a refusal: what the documents do answer. */
  async function instead(turn) {
    const place = turn && turn.querySelector('[data-instead]');
    if (place && turn.dataset.answer) place.innerHTML = await app.call('chat.instead', { conversation, turn: Number(turn.dataset.answer) });
  }

  function send() {
    const box = find('.pr-question-box');
    if (running || !box.value.trim()) return;
    submit(box.value);
    box.value = '';
    grow(box);
  }

  function grow(box) { draft = box.value; box.style.height = 'auto'; box.style.height = `${Math.min(box.scrollHeight, 200)}px`; }

  app.on('submit', '.pr-ask', (form, event) => { event.preventDefault(); send(); });
  app.on('input', '.pr-question-box', grow);
  app.on('keydown', '.pr-question-box', (box, event) => {
    // The Enter that ends the choice of a character in an input method is not ours.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); send(); }
    if (event.key === 'Escape' && running) stop();
    if (event.key === 'ArrowUp' && !box.value) { const edits = view.root.querySelectorAll('[data-do=edit]'); if (edits.length) edits[edits.length - 1].click(); }
  });
  app.on('click', '[data-do=stop]', stop);
  app.on('click', '[data-do=example]', (example) => { if (app.shown !== view) app.go('#/'); submit(example.textContent); });
  app.on('click', '[data-do=retry]', (button) => {
    const turn = button.closest('.pr-turn');
    submit(turn.querySelector('.pr-asked').innerText, turn);
  });
  app.on('click', '[data-do=edit]', (button) => {
    const form = button.closest('.pr-turn').querySelector('.pr-edit');
    form.hidden = !form.hidden;
    if (!form.hidden) { const box = form.querySelector('textarea'); box.focus(); box.setSelectionRange(box.value.length, box.value.length); }
  });
  app.on('keydown', '.pr-edit textarea', (box, event) => {
    if (event.key === 'Escape') { box.form.hidden = true; find('.pr-question-box').focus(); }
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); box.form.requestSubmit(); }
  });
  app.on('submit', '.pr-edit', (form, event) => { event.preventDefault(); submit(form.querySelector('textarea').value, form.closest('.pr-turn')); });

  app.on('click', '[data-do=copy]', (button) => app.copy(button.dataset.text));

  async function rate(turn, rating, comment) {
    app.say(await app.call('chat.rate', { conversation, turn: Number(turn.dataset.answer), rating, comment }), 'good');
    const told = turn.querySelector('.pr-commented');
    told.hidden = !comment.trim();
    told.querySelector('span').textContent = comment.trim();
  }
  app.on('click', '[data-do=rate]', async (button) => {
    const turn = button.closest('.pr-turn'), form = turn.querySelector('.pr-comment');
    const rating = button.getAttribute('aria-pressed') === 'true' ? null : button.dataset.rating;
    for (const each of turn.querySelectorAll('[data-do=rate]')) each.setAttribute('aria-pressed', String(each === button && rating !== null));
    form.hidden = rating === null;
    await rate(turn, rating, '');
    if (rating === 'down') form.querySelector('textarea').focus();
  });
  app.on('submit', '.pr-comment', async (form, event) => {
    event.preventDefault();
    const turn = form.closest('.pr-turn'), pressed = turn.querySelector('[data-do=rate][aria-pressed=true]');
    form.hidden = true;
    await rate(turn, pressed ? pressed.dataset.rating : null, form.querySelector('textarea').value);
  });

  app.on('toggle', '.pr-why', async (details) => {
    const place = details.querySelector('[data-why]');
    if (!details.open || place.childElementCount) return;
    place.innerHTML = await app.call('chat.why', { conversation, turn: Number(details.closest('.pr-turn').dataset.answer) });
  });

  app.on('click', '[data-do=everything]', () => { app.prefer({ where: null }); limits(); });

  // --- sources: a click opens them, the pointer or the keyboard on a chip shows the words

  app.on('click', '[data-do=source]', (button) => {
    hideTip();
    const { number, source, start, end } = button.dataset, turn = button.closest('.pr-turn');
    if (source) app.openReader({ source: decodeURIComponent(source), start: Number(start), end: Number(end), from: button });
    else if (turn && turn.dataset.answer) app.openReader({ conversation, turn: Number(turn.dataset.answer), number: Number(number), from: button });
  });

  function hideTip() { const tip = find('.pr-tip'); if (tip) tip.hidden = true; }
  function tipFor(chip) {
    const quote = chip.closest('.pr-turn') && chip.closest('.pr-turn').querySelector(`[data-quote="${Number(chip.dataset.number)}"]`);
    if (!quote) return;
    const tip = find('.pr-tip'), text = quote.textContent;
    tip.textContent = text.length > 160 ? `${text.slice(0, 160)}……` : text;
    tip.hidden = false;
    const at = chip.getBoundingClientRect(), size = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - size.width / 2, innerWidth - size.width - 8))}px`;
    tip.style.top = `${at.top - size.height - 8 > 60 ? at.top - size.height - 8 : at.bottom + 8}px`;
    chip.setAttribute('aria-describedby', 'pr-tip');
  }
  app.on('mouseover', '.pr-chip', tipFor);
  app.on('mouseout', '.pr-chip', hideTip);
  app.on('focus', '.pr-chip', tipFor);
  app.on('blur', '.pr-chip', hideTip);
  app.on('keydown', '.pr-chip', (chip, event) => { if (event.key === 'Escape') hideTip(); });
}
