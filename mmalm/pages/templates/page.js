(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');
  const find = (selector) => document.querySelector(selector);
  const every = (selector) => [...document.querySelectorAll(selector)];

  find('#theme').addEventListener('click', () => {
    const dark = root.style.colorScheme
      ? root.style.colorScheme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.style.colorScheme = dark ? 'light' : 'dark';
  });

  const toolbar = find('#toolbar');
  const holder = find('#cards');
  if (!toolbar || !holder) return;
  const cards = every('#cards > .card');
  const ranks = { wrong: 0, partly: 1, right: 2, unjudged: 3 };
  const classes = Object.keys(ranks);
  let pair = null; // a cell of a confusion table: task, right answer, predicted answer

  const value = (name) => (find(`[data-filter="${name}"]`) || { value: '' }).value;
  const chosenVerdict = () => (find('[name="verdict"]:checked') || { value: '' }).value;
  const margin = (card) => (card.dataset.margin === '' ? null : Number(card.dataset.margin));
  // cards without a margin (open questions) come last either way
  const byMargin = (sign) => (a, b) => {
    const [x, y] = [margin(a), margin(b)];
    return x === null || y === null ? (x === null) - (y === null) : sign * (x - y);
  };
  const orders = {
    verdict: (a, b) => ranks[verdictOf(a)] - ranks[verdictOf(b)] || Number(a.dataset.share) - Number(b.dataset.share) || byPlace(a, b),
    place: (a, b) => byPlace(a, b),
    sure: byMargin(-1),
    unsure: byMargin(1),
  };
  const byPlace = (a, b) => Number(a.dataset.place) - Number(b.dataset.place);
  const verdictOf = (card) => (value('judge') === 'generated' ? card.dataset.generated : card.dataset.first);

  function matches(card) {
    const words = value('search').toLowerCase().split(/\s+/).filter(Boolean);
    const data = card.dataset;
    return (
      words.every((word) => data.search.includes(word)) &&
      (!value('task') || data.task === value('task')) &&
      (!value('answer') || data.answer === value('answer')) &&
      (!pair || (data.task === pair.task && data.answer === pair.answer && data.predicted === pair.predicted))
    );
  }

  function update() {
    const counts = { '': 0 };
    let shown = 0;
    const verdict = chosenVerdict();
    for (const card of cards) {
      const own = verdictOf(card);
      if ('first' in card.dataset) {
        card.classList.remove(...classes);
        card.classList.add(own);
      }
      const found = matches(card);
      if (found) {
        counts[''] += 1;
        counts[own] = (counts[own] || 0) + 1;
      }
      card.hidden = !found || (verdict !== '' && own !== verdict);
      shown += card.hidden ? 0 : 1;
    }
    for (const badge of every('[data-count]')) badge.textContent = counts[badge.dataset.count] || 0;
    find('#showing').textContent = `${shown} of ${cards.length}`;
    find('#nothing').hidden = shown > 0;
    const chip = find('#pair');
    if (chip) {
      chip.hidden = !pair;
      chip.textContent = pair ? `${pair.answer} → ${pair.predicted} ×` : '';
    }
  }

  function reorder() {
    const order = orders[value('order') || 'place'];
    holder.append(...cards.sort(order));
  }

  function reset() {
    pair = null;
    toolbar.reset();
  }

  toolbar.addEventListener('submit', (event) => event.preventDefault());
  toolbar.addEventListener('reset', () => {
    pair = null;
    setTimeout(() => { reorder(); update(); });
  });
  toolbar.addEventListener('input', (event) => {
    if (['order', 'judge'].includes(event.target.dataset.filter)) reorder();
    update();
  });
  find('#again').addEventListener('click', reset);
  if (find('#pair')) find('#pair').addEventListener('click', () => { pair = null; update(); });
  for (const cell of every('[data-cell]')) {
    cell.addEventListener('click', () => {
      toolbar.reset();
      setTimeout(() => {
        pair = { task: cell.dataset.task, answer: cell.dataset.answer, predicted: cell.dataset.predicted };
        update();
        find('#gallery').scrollIntoView({ behavior: 'smooth' });
      });
    });
  }
  const unfold = find('#unfold');
  if (unfold) {
    unfold.addEventListener('click', () => {
      const parts = every('#cards details');
      const open = parts.some((part) => !part.open);
      for (const part of parts) part.open = open;
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      find('[data-filter="search"]').focus();
    }
  });
  update();
})();
