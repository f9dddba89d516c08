{
  const find = (selector) => view.root.querySelector(selector);
  const kept = () => ({ preferences: app.preferences });
  let draft = null; // what is filled in and not saved; outlives a change of the tab or of the language
  let refocus = null;

  const view = app.view('settings', {
    async open() {
      if (!find('.pr-settings')) {
        view.root.innerHTML = await app.call('settings.view', kept());
        dressed();
      } else {
        // What was typed and is not in force, or not saved, stays.
        await Promise.all([find('[data-mine] [aria-invalid]') ? null : mine(), draft ? null : shared()]);
      }
      if (refocus) find(refocus).focus();
      refocus = null;
    },
  });

  async function mine() { find('[data-mine]').innerHTML = await app.call('settings.mine', kept()); }

  async function shared() {
    find('[data-library]').innerHTML = await app.call('settings.library');
    dressed();
  }

  /** The form as the chosen provider needs it, with what was not saved yet. */
  function dressed() {
    const form = find('[data-shared]');
    if (!form) return;
    for (const field of form.elements) {
      if (!draft || field.disabled || !(field.name in draft)) continue;
      if (field.type === 'checkbox') field.checked = draft[field.name];
      else if (field.type === 'radio') field.checked = field.value === draft[field.name];
      else field.value = draft[field.name];
    }
    changed(form);
  }

  function changed(form) {
    const kind = form.elements.provider.value;
    for (const row of form.querySelectorAll('[data-for]')) row.hidden = !row.dataset.for.split(' ').includes(kind);
    form.querySelector('[data-do="settings.revert"]').hidden = !draft;
  }

  function filled(form) {
    const values = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled || (field.type === 'radio' && !field.checked)) continue;
      values[field.name] = field.type === 'checkbox' ? field.checked : field.value;
    }
    return values;
  }

  /** Each error beside its field, the first one in focus; whether there are any. */
  function wrong(form, errors, { focus = true } = {}) {
    for (const place of form.querySelectorAll('[data-error]')) {
      place.textContent = errors[place.dataset.error] || '';
      place.hidden = !place.textContent;
      for (const field of form.querySelectorAll(`[name="${place.dataset.error}"]`)) {
        if (place.textContent) field.setAttribute('aria-invalid', 'true'); else field.removeAttribute('aria-invalid');
      }
    }
    const [first] = form.querySelectorAll('[data-error]:not([hidden])');
    if (!first) return false;
    if (first.closest('details')) first.closest('details').open = true;
    if (!focus) return true;
    const field = form.querySelector(`[name="${first.dataset.error}"]`);
    if (field && !field.disabled && field.offsetParent) field.focus(); else first.scrollIntoView({ block: 'center' });
    return true;
  }

  /** The button says what goes on, and cannot be pressed again, for as long as `work` takes. */
  async function busy(button, work) {
    const label = button.querySelector('span') || button, said = label.textContent;
    button.disabled = true;
    label.textContent = button.dataset.busy || said;
    try { await work(); } finally { button.disabled = false; label.textContent = said; }
  }

  // --- for me: in force as soon as it is chosen

  app.on('change', '[data-mine] [data-do=language]', (select) => { refocus = `#${select.id}`; });
  app.on('change', '[data-do=theme]', (select) => {
    const own = view.root && find('[data-mine] [data-do=theme]');
    if (own) own.value = select.value;
  });
  app.on('change', '[data-mine] [name=strictness]', (radio) => app.prefer({ strictness: radio.value || null }));
  app.on('change', '[data-mine] [name=k]', async (field) => {
    const { errors } = await app.call('settings.k', { k: field.value });
    if (!wrong(field.form, errors, { focus: false })) app.prefer({ k: Number(field.value) || null });
  });

  const FIELDS = ['issuer', 'region', 'since', 'until', 'as_of'];
  const sources = () => [...view.root.querySelectorAll('[data-mine] [name=sources]:checked')].map((box) => box.value);
  let asked = 0, heard = 0;
  async function limit(form) {
    const where = {}, chosen = sources(), mark = ++asked;
    for (const name of FIELDS) if (form.elements[name].value.trim()) where[name] = form.elements[name].value.trim();
    if (chosen.length) where.sources = chosen;
    const told = await app.call('settings.where', { where });
    if (mark < heard) return; // a later one has been answered
    heard = mark;
    const line = form.querySelector('[data-limited]'), refused = wrong(form, told.errors, { focus: false });
    line.classList.toggle('pr-set-error', !refused && told.limited === undefined);
    if (told.message) line.textContent = told.message;
    form.querySelector('[data-do="settings.everything"]').hidden = !Object.keys(where).length;
    if (told.limited !== undefined) app.prefer({ where: told.limited ? where : null });
  }
  app.on('change', `[data-mine] :is([name=sources], ${FIELDS.map((name) => `[name=${name}]`).join(', ')})`, (field) => limit(field.form));
  app.on('click', '[data-do="settings.everything"]', async () => {
    app.prefer({ where: null });
    await mine();
    find('[data-mine] [name=issuer]').focus();
  });
  app.on('submit', '[data-mine]', (form, event) => event.preventDefault());

  let typing;
  app.on('input', '[data-do="settings.find"]', (box) => {
    clearTimeout(typing);
    typing = setTimeout(async () => {
      const html = await app.call('settings.documents', { find: box.value, sources: sources() });
      if (box.isConnected) find('[data-documents]').innerHTML = html;
    }, 200);
  });
  app.on('keydown', '[data-do="settings.find"]', (box, event) => { if (event.key === 'Enter') event.preventDefault(); });

  // --- for the library: in force when saved

  for (const type of ['input', 'change']) {
    app.on(type, '[data-shared]', (form) => {
      draft = filled(form);
      changed(form);
    });
  }
  // What is being mended is no longer wrong until it is looked at again.
  app.on('input', '.pr-settings [aria-invalid]', (field) => {
    const place = field.form.querySelector(`[data-error="${field.name}"]`);
    field.removeAttribute('aria-invalid');
    place.hidden = true;
  });
  app.on('submit', '[data-shared]', async (form, event) => {
    event.preventDefault();
    await busy(form.querySelector('[type=submit]'), async () => {
      const told = await app.call('settings.save', { values: filled(form) });
      if (wrong(form, told.errors || {})) return;
      draft = null;
      find('[data-library]').innerHTML = told.html;
      dressed();
      app.say(told.message, 'good');
      find('[data-shared] [type=submit]').focus();
      await mine();
    });
  });
  app.on('click', '[data-do="settings.test"]', (button) => busy(button, async () => {
    const { form } = button, place = form.querySelector('[data-tested]');
    place.replaceChildren();
    const told = await app.call('settings.test', { values: filled(form) });
    if (!wrong(form, told.errors || {})) place.innerHTML = told.html;
  }));
  app.on('click', '[data-do="settings.revert"]', async () => { draft = null; await shared(); });
  app.on('click', '[data-do="settings.health"]', (button) => busy(button, async () => {
    find('[data-health]').innerHTML = await app.call('settings.health');
  }));
}
