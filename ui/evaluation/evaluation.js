{
  const PAUSE = 1000;
  let polling = 0, shown = '';
  const find = (selector) => view.root.querySelector(selector);

  const view = app.view('evaluation', {
    async open(id = '') {
      shown = id;
      clearTimeout(polling);
      const [base, other] = id.split('|');
      const html = other ? await app.call('evaluation.compare', { base, new: other })
        : id ? await app.call('evaluation.run', { name: id }) : await app.call('evaluation.view');
      if (app.shown !== view || shown !== id) return; // somewhere else by now
      view.root.innerHTML = html;
      view.root.scrollTop = 0;
      if (find('[data-running]')) poll();
    },
    close() { clearTimeout(polling); },
  });

  function poll() { clearTimeout(polling); polling = setTimeout(look, PAUSE); }

  async function look() {
    let state;
    try { state = await app.call('evaluation.state'); } catch (error) {
      if (app.shown === view && !shown) poll(); // the server may be back soon
      throw error;
    }
    const place = find('[data-progress]');
    if (app.shown !== view || !place) return;
    if (state.running) { place.innerHTML = state.html; poll(); return; }
    if (place.dataset[state.ended]) app.say(place.dataset[state.ended], state.ended === 'finished' ? 'good' : '');
    await view.open('');
    if (state.ended === 'finished') mark();
  }

  /** The run that has just ended stands out, and is next for the keyboard. */
  function mark() {
    const latest = find('[data-latest]'), box = [...view.root.querySelectorAll('[data-do="evaluation.choose"]')]
      .find((each) => latest && each.value === latest.dataset.latest);
    if (!box) return;
    box.closest('tr').classList.add('pr-evaluation-fresh');
    box.closest('tr').querySelector('a').focus({ preventScroll: true });
  }

  app.on('submit', '[data-do="evaluation.start"]', async (form, event) => {
    event.preventDefault();
    const button = form.querySelector('[type=submit]'), { cases, limit } = form.elements;
    button.disabled = true;
    try {
      await app.call('evaluation.start', { cases: cases.value, limit: limit.value ? Number(limit.value) : null });
    } finally { button.disabled = false; }
    await view.open('');
    const cancel = find('[data-do="evaluation.cancel"]');
    if (cancel) cancel.focus();
  });
  app.on('click', '[data-do="evaluation.cancel"]', async (button) => {
    button.disabled = true;
    await app.call('evaluation.cancel');
    look();
  });
  app.on('click', '[data-do="evaluation.delete"]', async (button) => {
    if (!await app.ask(button.dataset.sure, button.title)) return;
    await app.call('evaluation.delete', { name: button.dataset.name });
    await view.open('');
  });
  app.on('click', '[data-do="evaluation.feedback"]', async (button) => {
    button.disabled = true;
    try {
      const said = await app.call('evaluation.feedback');
      await view.open('');
      const own = find('.pr-evaluation-own');
      if (own) own.open = true;
      app.say(said);
    } finally { button.disabled = false; }
  });

  // --- two to compare: a third tick takes the first one back

  let ticked = [];
  app.on('change', '[data-do="evaluation.choose"]', (box) => {
    ticked = ticked.filter((each) => each.isConnected && each !== box);
    if (box.checked) ticked.push(box);
    if (ticked.length > 2) ticked.shift().checked = false;
    find('[data-do="evaluation.compare"]').disabled = ticked.length < 2;
  });
  app.on('click', '[data-do="evaluation.compare"]', () => {
    // The list has the latest first.
    const [newer, older] = [...view.root.querySelectorAll('[data-do="evaluation.choose"]:checked')].map((box) => box.value);
    app.go(`#/evaluation/${encodeURIComponent(`${older}|${newer}`)}`);
  });

  // --- a run

  app.on('click', '[data-do="evaluation.only"]', (chip) => {
    for (const each of view.root.querySelectorAll('[data-do="evaluation.only"]')) each.setAttribute('aria-pressed', String(each === chip));
    for (const each of view.root.querySelectorAll('.pr-evaluation-case')) each.hidden = chip.dataset.outcome && each.dataset.outcome !== chip.dataset.outcome;
  });
  app.on('toggle', '.pr-evaluation-page', (details) => {
    const frame = details.querySelector('iframe');
    if (!details.open || frame.src) return;
    frame.src = details.dataset.pageOf;
    frame.hidden = false;
  });
  app.on('click', '[data-do="evaluation.source"]', async (button) => {
    const { name, row, number } = button.dataset;
    app.openReader({ ...await app.call('evaluation.place', { name, row: Number(row), number: Number(number) }), from: button });
  });
  app.on('click', '[data-do="evaluation.ask"]', (button) => {
    const { question } = button.dataset, until = Date.now() + 5000;
    app.go('#/');
    // The chat is asked once it stands there, empty.
    const ask = () => {
      const box = root.querySelector('[data-view=chat]:not([hidden]) .pr-question-box');
      if (box && app.shown === app.views.chat && !app.conversation) { box.value = question; box.form.requestSubmit(); }
      else if (Date.now() < until) setTimeout(ask, 50);
    };
    setTimeout(ask, 50);
  });
}
