{
  const side = () => root.querySelector('.pr-side');
  const entry = (element) => element.closest('.pr-entry');
  let wanted = 0;

  async function list() {
    const box = side().querySelector('[data-do=find]'), asked = ++wanted;
    const html = await app.call('conversations.list', { find: box ? box.value : '' });
    const place = side().querySelector('[data-list]'); // not there while the page is built anew in another language
    if (asked !== wanted || !place) return; // or a later one has been asked for
    place.innerHTML = html;
    mark();
  }

  function mark() {
    for (const each of side().querySelectorAll('.pr-entry')) {
      const open = each.dataset.conversation === app.conversation;
      if (open) each.querySelector('a').setAttribute('aria-current', 'true'); else each.querySelector('a').removeAttribute('aria-current');
    }
  }

  app.starting.push(async () => {
    side().innerHTML = await app.call('conversations.side');
    await list();
  });
  document.addEventListener('pr-answered', list);
  document.addEventListener('pr-conversation', mark);

  let typing;
  app.on('input', '[data-do=find]', () => { clearTimeout(typing); typing = setTimeout(list, 200); });
  app.on('click', '[data-do=new]', (link, event) => { event.preventDefault(); app.go('#/'); });
  app.on('click', '.pr-entry > a', () => app.menu(false));
  app.on('toggle', '.pr-more', (details) => {
    if (details.open) for (const other of side().querySelectorAll('.pr-more[open]')) if (other !== details) other.open = false;
  });
  app.on('keydown', '.pr-more', (details, event) => {
    if (event.key === 'Escape' && details.open) { event.stopPropagation(); details.open = false; details.querySelector('summary').focus(); }
  });
  root.addEventListener('click', (event) => {
    for (const open of root.querySelectorAll('.pr-more[open]')) if (!open.contains(event.target)) open.open = false;
  });

  app.on('click', '[data-do=rename]', (button) => {
    const form = entry(button).querySelector('.pr-rename');
    button.closest('details').open = false;
    form.hidden = false;
    form.querySelector('input').select();
  });
  app.on('submit', '.pr-rename', async (form, event) => {
    event.preventDefault();
    await app.call('conversations.rename', { conversation: entry(form).dataset.conversation, title: form.querySelector('input').value });
    await list();
  });
  app.on('keydown', '.pr-rename input', (input, event) => {
    if (event.key === 'Escape') { event.stopPropagation(); input.form.hidden = true; entry(input).querySelector('summary').focus(); }
  });
  app.on('click', '[data-do=share]', async (button) => {
    button.closest('details').open = false;
    await app.copy(`${location.origin}/#/c/${entry(button).dataset.conversation}`);
  });
  app.on('click', '[data-do=forget]', async (button) => {
    const { conversation } = entry(button).dataset;
    button.closest('details').open = false;
    if (!await app.ask(button.dataset.sure, button.textContent)) return;
    await app.call('conversations.delete', { conversation });
    if (conversation === app.conversation) app.go('#/');
    await list();
  });
}
