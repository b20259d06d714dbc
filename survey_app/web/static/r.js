/* The respondent's script. Every page works without it. It keeps a draft on this device, shows progress, hides items
   whose condition does not hold, and sends again by itself when the network or the server cannot take an answer yet.

   ES2017, no modules. What must stay true: a draft is offered for the same card only and shows nothing before it is
   accepted; it is gone after 24 hours, after sending, or when told so; `finished` is set before the page is left, so
   that leaving cannot write it again. Names of items are field names: properties of the form are never read by name. */
(function () {
  'use strict';
  var PREFIX = 'pingyi.draft.', LARGE = 'pingyi.large', DAY = 86400000, PATIENCE = 45000, LONGEST_WAIT = 60;
  var SPENDING = 'pingyi.spending', HASTE = 120000, APART = 31, began = Date.now(), waited;
  var root = document.documentElement;
  var able = window.fetch && window.URLSearchParams && window.DOMParser && FormData.prototype.entries;
  var main, form, words, key, asking, finished, unsaved, forgotten, sending, timer, tries = 0, pressed;

  function byId(id) { return document.getElementById(id); }
  /* Not node.closest: an item may be called "closest", and a form lets its fields hide its own properties. */
  function around(node, selector) { return Element.prototype.closest.call(node, selector); }
  function all(selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); }

  /* ---- Which items are shown: the same rules and the same cases as questionnaire/visibility.py ---- */

  function holds(condition, answers) {
    if (condition.all) return condition.all.every(function (part) { return holds(part, answers); });
    if (condition.any) return condition.any.some(function (part) { return holds(part, answers); });
    if (condition.not) return !holds(condition.not, answers);
    var answer = answers[condition.item], low = condition.at_least, high = condition.at_most;
    if (answer === undefined || answer === null) {
      return condition.answered === false && !condition['in'] && !condition.not_in && low === undefined && high === undefined;
    }
    if (condition.answered === false) return false;
    var codes = [].concat(answer), among = function (list) { return codes.some(function (code) { return list.indexOf(code) >= 0; }); };
    if (condition['in'] && !among(condition['in'])) return false;
    if (condition.not_in && among(condition.not_in)) return false;
    if (low === undefined && high === undefined) return true;
    return typeof answer === 'number' && (low === undefined || answer >= low) && (high === undefined || answer <= high);
  }

  /* items: {id, section, condition, out, ends} in order; answers: stored answers by id; earlier: those of pages before. */
  function visible(items, answers, earlier) {
    var shown = {}, kept = Object.assign({}, earlier), skipped = null, ended = false;
    items.forEach(function (item) {
      if (ended || item.section === skipped || (item.condition && !holds(item.condition, kept))) return;
      shown[item.id] = true;
      var answer = answers[item.id];
      if (answer === undefined || answer === null) return;
      kept[item.id] = answer;
      if (item.out && [].concat(answer).some(function (code) { return item.out.indexOf(code) >= 0; })) {
        if (item.ends === 'sitting') ended = true; else skipped = item.section;
      }
    });
    return shown;
  }

  function itemOf(card) {
    var condition = card.getAttribute('data-if'), out = card.getAttribute('data-out');
    return {
      id: card.getAttribute('data-item'),
      section: card.parentNode.getAttribute('data-section'),
      condition: condition && JSON.parse(condition),
      out: out && out.split(' '),
      ends: card.getAttribute('data-ends')
    };
  }

  /* The answer as the server would store it; undefined when blank. */
  function answerOf(card) {
    var kind = card.getAttribute('data-kind');
    var ticked = all('input', card).filter(function (input) { return input.checked; });
    var missing = ticked.filter(function (input) { return input.hasAttribute('data-missing'); })[0];
    if (missing) return missing.value;
    if (kind === 'ranking') {
      var ranked = all('select', card).filter(function (select) { return select.value; });
      ranked.sort(function (one, other) { return one.value - other.value; });
      return ranked.length ? ranked.map(function (select) { return select.name.split('__').pop(); }) : undefined;
    }
    if (kind === 'multiple') return ticked.length ? ticked.map(function (input) { return input.value; }) : undefined;
    if (ticked.length) return kind === 'rating' ? Number(ticked[0].value) : ticked[0].value;
    var typed = all('input,textarea', card).filter(function (input) { return input.id && !/radio|checkbox/.test(input.type); })[0];
    var text = typed ? typed.value.trim() : '';
    if (kind !== 'number') return text || undefined;
    text = text.replace(/[\uff0b\uff0d\uff0e\uff10-\uff19]/g, function (wide) { return String.fromCharCode(wide.charCodeAt(0) - 0xfee0); });
    return /^[+-]?\d{1,20}(\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
  }

  function refresh() {
    var cards = all('[data-item]'), answers = {}, done = 0, of = 0;
    cards.forEach(function (card) { answers[card.getAttribute('data-item')] = answerOf(card); });
    var shown = visible(cards.map(itemOf), answers, JSON.parse(main.getAttribute('data-earlier') || '{}'));
    cards.forEach(function (card) {
      var id = card.getAttribute('data-item');
      card.hidden = !shown[id];
      if (!shown[id] || card.getAttribute('data-kind') === 'note') return;
      of += 1;
      if (answers[id] !== undefined) done += 1;
    });
    all('[data-section]').forEach(function (section) {
      section.hidden = all('[data-item]', section).every(function (card) { return card.hidden; });
    });
    var bar = byId('bar');
    bar.hidden = !cards.length;
    bar.firstChild.max = of || 1;
    bar.firstChild.value = done;
    bar.lastChild.textContent = words.progress.replace('{done}', done).replace('{of}', of);
  }

  /* ---- The draft ---- */

  function kept(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      if (value === null) localStorage.removeItem(name); else localStorage.setItem(name, value);
    } catch (absent) { /* private mode or an old web view: there is no draft then */ }
    return null;
  }

  function sweep() {
    try {
      Object.keys(localStorage).forEach(function (name) {
        if (name.indexOf(PREFIX) === 0 && !(JSON.parse(localStorage.getItem(name)).at > Date.now() - DAY)) localStorage.removeItem(name);
      });
    } catch (absent) { /* as above */ }
  }

  function body() { return new URLSearchParams(new FormData(form)).toString(); }

  function save() {
    if (key && unsaved && !asking && !finished && !forgotten) kept(key, JSON.stringify({ at: Date.now(), body: body() }));
    unsaved = false;
  }

  function forget() {
    if (key) kept(key, null);
    unsaved = false;
  }

  /* A token of a named list that was sent is of no more use; what stays in its place says only that. */
  function spent() {
    try {
      var token = sessionStorage.getItem(SPENDING), record = token && JSON.parse(localStorage.getItem(token));
      if (record) localStorage.setItem(token, JSON.stringify({ done: 1, until: record.until }));
      sessionStorage.removeItem(SPENDING);
    } catch (absent) { /* private mode: there is no token either */ }
  }

  /* Which token this tab is spending is remembered between /t, the questionnaire and its end, and nowhere else: a card
     that was used in the same tab must not cost somebody their credential. */
  function tidy(swapped) {
    var final = main.hasAttribute('data-forget') && (swapped || /\/t$/i.test(location.pathname));
    if (final || /\/thanks\//.test(location.pathname)) { spent(); return; }
    if (!swapped && !main.hasAttribute('data-apart')) try { sessionStorage.removeItem(SPENDING); } catch (absent) { /* as above */ }
  }

  function ask(yes) {
    asking = yes;
    byId('resume').hidden = !yes;
    form.classList.toggle('away', yes);
  }

  function resume() {
    var draft = JSON.parse(kept(key) || 'null');
    if (!draft) { ask(false); return; }
    post(draft.body + '&_show=1').then(function (answer) {
      if (answer.status >= 500 || answer.status === 429) throw answer;
      return answer.text().then(function (html) { if (!swap(html, answer.status)) throw answer; });
    }).catch(function () { say(words.unreachable); });
  }

  /* ---- Sending ---- */

  function say(text) { byId(asking ? 'asked' : 'state').textContent = text; }

  function post(data) {
    var tooLong = new Promise(function (_, refuse) { setTimeout(refuse, PATIENCE); });
    return Promise.race([tooLong, fetch(form.getAttribute('action'), {
      method: 'POST', body: data, credentials: 'omit', cache: 'no-store',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' }
    })]);
  }

  function send() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    timer = null;
    save();
    form.setAttribute('aria-busy', 'true');
    say(words.sending);
    var name = pressed && pressed.name;
    post(body() + (name ? '&' + name + '=' + pressed.value : '')).then(function (answer) {
      if (answer.status === 429 || answer.status >= 500) return later(answer.headers.get('Retry-After'));
      if (answer.ok && /\/thanks\//.test(answer.url)) {
        finished = true;
        forget();
        spent();
        location.replace(answer.url);
        return undefined;
      }
      return answer.text().then(function (html) { if (!swap(html, answer.status)) later(0); });
    }).catch(function () { later(0); });
  }

  /* Whoever came by a named list and was quick sends half a minute later at most, and sees it: the time at which a
     credential was fetched should not tell which answer came of it. Once a sitting; with a longer one time has passed. */
  function apart() {
    var where = main.getAttribute('data-apart');
    var name = pressed ? pressed.name : '';
    if (waited || Date.now() - began > HASTE || !where || !(name === '_finish' || (where === 'last' && !name))) return false;
    waited = true;
    var left = crypto.getRandomValues(new Uint16Array(1))[0] % APART, count = document.createElement('span');
    save();
    say(words.waiting.replace('{seconds}', left));
    /* Seen every second, read aloud once. */
    count.setAttribute('aria-hidden', 'true');
    byId('state').appendChild(count);
    sending = true;
    (function tick() {
      if (left <= 0) { sending = false; send(); return; }
      count.textContent = ' ' + words.left.replace('{seconds}', left);
      left -= 1;
      setTimeout(tick, 1000);
    }());
    return true;
  }

  function later(after) {
    idle();
    tries += 1;
    var wait = Math.min(LONGEST_WAIT, Math.max(Number(after) || 0, Math.pow(2, tries)));
    wait = Math.ceil(wait * (1 + Math.random() / 2));
    say(navigator.onLine === false ? words.offline : words.busy.replace('{seconds}', wait));
    timer = setTimeout(send, wait * 1000);
  }

  function idle() {
    sending = false;
    form.removeAttribute('aria-busy');
  }

  /* Another page of ours takes the place of this one, without a new step in the history. False when it is not ours:
     a portal of the network may answer in our place. What refuses the form itself leaves it standing and says why. */
  function swap(html, status) {
    var next = new DOMParser().parseFromString(html, 'text/html'), page = next.querySelector('main[data-page]');
    if (!page) return false;
    if (/400|403|413|415/.test(status) && !next.getElementById('answers')) {
      idle();
      say(page.querySelector('p').textContent);
      return true;
    }
    clearTimeout(timer);
    timer = null;
    tries = 0;
    sending = asking = false;
    pressed = null;
    document.title = next.title;
    root.lang = next.documentElement.lang;
    root.replaceChild(document.adoptNode(next.body), document.body);
    window.scrollTo(0, 0);
    start(true);
    var focus = document.querySelector('[autofocus]') || document.querySelector('h1');
    if (focus.tagName === 'H1') focus.tabIndex = -1;
    focus.focus();
    return true;
  }

  /* ---- Beginning, and what people do ---- */

  function enlarge(yes) {
    root.classList.toggle('large', yes);
    byId('size').setAttribute('aria-pressed', String(yes));
  }

  function start(swapped) {
    main = byId('main');
    form = byId('answers');
    root.classList.add('js');
    byId('size').hidden = false;
    enlarge(kept(LARGE) === '1');
    key = null;
    if (main.hasAttribute('data-forget')) kept(PREFIX + main.getAttribute('data-forget'), null);
    tidy(swapped);
    if (!form) return;
    words = JSON.parse(main.getAttribute('data-words'));
    key = able && main.getAttribute('data-draft') ? PREFIX + main.getAttribute('data-draft') : null;
    byId('draft').hidden = !key || forgotten;
    if (!swapped && key && kept(key)) ask(true);
    if (swapped) { unsaved = true; save(); }
    refresh();
  }

  document.addEventListener('submit', function (event) {
    if (event.target !== form || !able) return;
    event.preventDefault();
    if (!sending && !apart()) send();
  });

  document.addEventListener('click', function (event) {
    var button = around(event.target, 'button');
    if (!button) return;
    if (button.id === 'size') {
      enlarge(!root.classList.contains('large'));
      kept(LARGE, root.classList.contains('large') ? '1' : null);
    } else if (button.id === 'forget') {
      forgotten = true;
      forget();
      byId('draft').hidden = true;
      say(words.forgotten);
    } else if (button.id === 'continue') {
      resume();
    } else if (button.id === 'afresh') {
      forget();
      ask(false);
    } else if (button.type === 'submit') {
      pressed = button;
    }
  });

  function touched(event) {
    var input = event.target, card = around(input, '[data-item]');
    if (!card && !around(input, '#answers')) return;
    if (card && input.type === 'checkbox' && input.checked) {
      all('input[type=checkbox]', card).forEach(function (other) {
        if (other !== input && (input.hasAttribute('data-alone') || other.hasAttribute('data-alone'))) other.checked = false;
      });
    }
    var choice = input.getAttribute('data-other');
    if (card && choice && input.value) {
      all('input', card).forEach(function (other) { if (other.value === choice && other !== input) other.checked = true; });
    }
    unsaved = true;
    refresh();
    if (event.type === 'change') save();
  }

  document.addEventListener('input', touched);
  document.addEventListener('change', touched); // old web views send no input event for radio buttons
  document.addEventListener('visibilitychange', save);
  window.addEventListener('pagehide', save);
  /* Another tab with the same card has sent it, or wants no draft. */
  window.addEventListener('storage', function (event) { if (key && event.key === key && !event.newValue) forgotten = true; });
  window.addEventListener('online', function () { if (timer) send(); });
  window.addEventListener('pageshow', function (event) {
    if (!event.persisted || !form) return;
    idle();
    say('');
    refresh();
  });

  window.pingyi = { visible: visible };
  sweep();
  start(false);
}());
