{
  const find = (selector) => view.root.querySelector(selector);
  const part = (name) => find(`[data-part="${name}"]`);
  const source = (element) => decodeURIComponent(element.dataset.at);
  const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
  const order = { sort: 'title', descending: false };
  let sending = []; // files that the browser still has: {name, file, replace, state, part}
  let removed = []; // ids of what was removed since the page was opened
  let words = ''; // in the box for finding
  let shown = 0, wanted = 0, stale = true, polling = false, again = false, busy = false, finished = '', from = '', scrolled = 0, depth = 0;

  const view = app.view('library', {
    async open(id) {
      if (!find('.pr-library')) await frame();
      if (id && !part('list').hidden) { from = id; scrolled = view.root.scrollTop; }
      if (id) return document_(id);
      const back = part('list').hidden;
      part('document').hidden = true;
      part('list').hidden = false;
      if (stale) await list();
      if (!back) return;
      const link = [...view.root.querySelectorAll('.pr-library-title a')].find((each) => decodeURIComponent(each.hash) === `#/library/${from}`);
      if (link) link.focus({ preventScroll: true });
      view.root.scrollTop = scrolled;
    },
  });

  /** The frame, empty; made anew when the language changes, while files may be on their way. */
  async function frame() {
    view.root.innerHTML = await app.call('library.view');
    stale = true;
    find('[data-do="library.find"]').value = words;
    draw();
    await lines();
    if (app.admin) poll();
  }

  async function list(start = 0) {
    const asked = ++wanted;
    stale = false;
    const got = await app.call('library.list', { ...order, find: words, start });
    if (asked !== wanted || !find('[data-table]')) return; // asked anew, or the page is built anew
    if (start) find('tbody').insertAdjacentHTML('beforeend', got.html); else find('[data-table]').innerHTML = got.html;
    find('[data-more]').innerHTML = got.more;
    find('[data-count]').textContent = got.count;
    find('.pr-library').classList.toggle('pr-library-first', !got.total);
    shown = got.shown;
  }

  async function document_(id) {
    let got;
    try { got = await app.call('library.document', { source: id }); } catch (error) { app.go('#/library'); throw error; }
    part('document').innerHTML = got.html;
    part('document').hidden = false;
    part('list').hidden = true;
    view.root.scrollTop = 0;
    find('[data-part="document"] h2').focus({ preventScroll: true });
  }

  /** Something went in or out. */
  async function changed() {
    stale = true;
    app.counted();
    if (app.shown === view && part('list') && !part('list').hidden) await list();
  }

  // --- the list

  let typing;
  app.on('input', '[data-do="library.find"]', (box) => { words = box.value; clearTimeout(typing); typing = setTimeout(list, 200); });
  app.on('click', '[data-do="library.sort"]', async (button) => {
    const { column } = button.dataset;
    Object.assign(order, { sort: column, descending: order.sort === column && !order.descending });
    await list();
    const again = find(`[data-column="${order.sort}"]`);
    if (again) again.focus();
  });
  app.on('click', '[data-do="library.more"]', async () => {
    const before = shown;
    await list(before);
    const next = view.root.querySelectorAll('.pr-library-title a')[before];
    if (next) next.focus({ preventScroll: true });
  });

  // --- one document

  app.on('click', '[data-do="library.read"]', (button) => {
    app.openReader({ source: source(button), start: Number(button.dataset.start), end: Number(button.dataset.end), from: button });
  });
  app.on('click', '[data-do="library.ask"]', (button) => { app.prefer({ where: { sources: [source(button)] } }); app.go('#/'); });
  app.on('click', '[data-do="library.unfold"]', (button) => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    button.setAttribute('aria-expanded', String(open));
    button.parentElement.querySelector(':scope > ul').hidden = !open;
  });

  // --- out, and back

  async function lines() { find('[data-removed]').innerHTML = removed.length ? await app.call('library.removed', { ids: removed }) : ''; }

  app.on('click', '[data-do="library.remove"]', async (button) => {
    if (!await app.ask(button.dataset.sure, button.dataset.yes)) return;
    removed.push(await app.call('library.remove', { source: source(button) }));
    await Promise.all([lines(), changed()]);
    if (part('list').hidden) app.go('#/library');
    const undo = find('[data-removed] li:last-child button');
    if (undo) undo.focus();
  });
  app.on('click', '[data-do="library.restore"]', async (button) => {
    const { id } = button.dataset;
    app.say(await app.call('library.restore', { id }), 'good');
    removed = removed.filter((each) => each !== id);
    await Promise.all([lines(), changed()]);
    find('[data-do="library.find"]').focus();
  });

  // --- in

  const zone = () => find('.pr-library-drop');
  const broken = () => (zone() ? zone().dataset.broken : app.words.lost);

  app.on('click', '[data-do="library.choose"]', () => find('[data-do="library.chosen"]').click());
  app.on('change', '[data-do="library.chosen"]', (input) => { const files = [...input.files]; input.value = ''; take(files); });
  const files = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
  const over = (state) => { depth = state ? depth : 0; if (zone()) zone().classList.toggle('pr-library-over', state); };
  app.on('dragenter', '[data-view="library"]', (section, event) => { if (files(event)) { event.preventDefault(); depth += 1; over(true); } });
  app.on('dragover', '[data-view="library"]', (section, event) => { if (files(event)) event.preventDefault(); });
  app.on('dragleave', '[data-view="library"]', (section, event) => { if (files(event) && (depth -= 1) <= 0) over(false); });
  app.on('drop', '[data-view="library"]', (section, event) => {
    if (!files(event)) return;
    event.preventDefault(); // else the browser leaves the page for the file
    over(false);
    if (!zone()) return;
    const folders = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter((entry) => entry && entry.isDirectory).map((entry) => entry.name);
    if (folders.length) app.say(zone().dataset.folder.replace('{name}', () => folders[0]), 'bad');
    take([...event.dataTransfer.files].filter((file) => !folders.includes(file.name)));
  });

  /** Send the files, after asking about those whose names are taken. */
  async function take(chosen) {
    if (!chosen.length) return;
    if (part('list').hidden) app.go('#/library');
    const named = chosen.slice(0, 1000).map((file) => ({ file, name: file.name.replace(/\p{Surrogate}/gu, '_') }));
    const { same, question, yes } = await app.call('library.known', { names: named.map((each) => each.name) });
    const replace = same.includes(true) && await app.ask(question, yes);
    const idle = sending.every((each) => each.state === 'failed');
    sending.push(...named.filter((each, index) => !same[index] || replace).map((each, index) => ({ ...each, replace, state: 'waiting' })));
    draw();
    if (idle) await sendAll();
  }

  async function sendAll() {
    for (let item; (item = sending.find((each) => each.state === 'waiting'));) {
      item.state = 'uploading';
      try {
        const { token, name } = await send(item);
        await app.call('library.add', { token, name, replace: item.replace });
        sending = sending.filter((each) => each !== item);
        poll();
      } catch (error) {
        Object.assign(item, { state: 'failed', reason: error.message, file: null });
      }
      draw();
    }
  }

  function send(item) {
    return new Promise((resolve, reject) => {
      const refuse = (reason) => { app.say(reason, 'bad'); reject(new Error(reason)); };
      const request = new XMLHttpRequest();
      request.open('POST', `/files?name=${encodeURIComponent(item.name)}`);
      request.setRequestHeader('X-Policy-Rag', '1');
      request.upload.onprogress = (event) => { if (event.lengthComputable) { item.part = event.loaded / event.total; draw(); } };
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* no answer of ours */ }
        if (request.status === 200) resolve(answer); else refuse(answer.error || broken());
      };
      request.onerror = request.onabort = () => refuse(broken());
      request.send(item.file);
    });
  }

  /** The files that the browser still has. */
  function draw() {
    const place = find('[data-sending]');
    if (!place || !zone()) return;
    while (place.children.length > sending.length) place.lastElementChild.remove();
    while (place.children.length < sending.length) place.append(find('template').content.firstElementChild.cloneNode(true));
    sending.forEach((item, index) => {
      const row = place.children[index], bar = row.querySelector('progress'), { waiting, uploading, failed } = zone().dataset;
      const percent = item.part === undefined ? '' : ` ${Math.round(item.part * 100)}%`;
      row.classList.toggle('pr-library-failed', item.state === 'failed');
      row.querySelector('[data-name]').textContent = item.name;
      row.querySelector('[data-state]').textContent = item.state === 'failed' ? failed : item.state === 'waiting' ? waiting : uploading + percent;
      row.querySelector('[data-reason]').textContent = item.reason || '';
      bar.hidden = item.state !== 'uploading';
      if (item.part === undefined) bar.removeAttribute('value'); else bar.value = item.part;
    });
    settle();
  }

  /** What is finished can be cleared away when nothing is under way. */
  function settle() {
    const some = sending.length || (find('[data-jobs]') && find('[data-jobs]').childElementCount);
    const clear = find('[data-do="library.clear"]');
    if (clear) clear.hidden = !some || busy || sending.some((each) => each.state !== 'failed');
  }

  /** Look how the ingest is doing until nothing is left to wait for. */
  async function poll() {
    again = polling;
    if (polling) return;
    polling = true;
    let html = null;
    try {
      do {
        again = false;
        const now = await app.call('library.progress');
        busy = now.busy;
        const place = find('[data-jobs]');
        if (place && (now.html !== html || !place.childElementCount)) {
          const turned = [...place.querySelectorAll('details')].map((each) => [each.dataset.job, each.open]);
          place.innerHTML = html = now.html;
          for (const [job, open] of turned) { const same = place.querySelector(`details[data-job="${job}"]`); if (same) same.open = open; }
        }
        if (find('[data-said]') && find('[data-said]').textContent !== now.said) find('[data-said]').textContent = now.said;
        if (String(now.finished) !== finished) { finished = String(now.finished); if (finished) await changed(); }
        settle();
        if (busy) await pause(500);
      } while (busy || again);
    } finally {
      polling = again = busy = false;
      settle();
    }
  }
  app.on('click', '[data-do="library.clear"]', async () => {
    sending = sending.filter((each) => each.state !== 'failed');
    draw();
    await app.call('library.clear');
    await poll();
    find('[data-do="library.choose"]').focus();
  });
}
