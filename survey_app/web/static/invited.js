/* Named lists on the phone: fetching a credential on the page of a personal link, taking it up on /t.

   What must stay true: what was blinded is stored before it is sent, so that a reply lost on its way can be fetched
   again; nothing that names a person is ever sent to /t, and no token to the page of the link; a token that was spent
   leaves only a mark. ES5 apart from the functions of blind.js, so that an old browser can still say that it is too old. */
(function () {
  'use strict';
  var PREFIX = 'pingyi.token.', SPENDING = 'pingyi.spending', PATIENCE = 45000;
  var main = document.getElementById('main'), name, busy;

  function byId(id) { return document.getElementById(id); }
  function show(id) { byId(id).hidden = false; }
  function say(text) { byId('state').textContent = text; }

  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (absent) { return null; }
  }
  /* False where nothing can be kept: a token would be lost with the page. */
  function keep(key, record) {
    try {
      localStorage.setItem(key, JSON.stringify(record));
      return localStorage.getItem(key) !== null;
    } catch (absent) { return false; }
  }
  function sweep() {
    try {
      Object.keys(localStorage).forEach(function (key) {
        if (key.indexOf(PREFIX) === 0 && !((read(key) || {}).until > Date.now() / 1000)) localStorage.removeItem(key);
      });
    } catch (absent) { /* private mode: there is nothing to sweep */ }
  }

  /* ---- On the page of a personal link ---- */

  function able() {
    var probe = PREFIX + 'probe', kept = window.pingyiBlind && window.BigInt && window.fetch && window.crypto && crypto.subtle && keep(probe, {});
    if (kept) localStorage.removeItem(probe);
    return kept;
  }

  function prepared() {
    var blind = window.pingyiBlind, message = blind.random(64), key = main.getAttribute('data-key');
    return blind.blind(key, message).then(function (made) {
      var record = {
        message: blind.textOf(message), inverse: made.inverse, blinded: made.blinded,
        collector: main.getAttribute('data-collector'), title: document.querySelector('h1').textContent,
        until: Number(main.getAttribute('data-until'))
      };
      if (!keep(name, record)) throw new Error('storage');
      return record;
    });
  }

  function post(form, blinded) {
    var body = new URLSearchParams(new FormData(form));
    body.set('blinded', blinded);
    var tooLong = new Promise(function (_, refuse) { setTimeout(refuse, PATIENCE); });
    return Promise.race([tooLong, fetch(form.getAttribute('action'), {
      method: 'POST', body: body.toString(), credentials: 'omit', cache: 'no-store',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' }
    })]);
  }

  function fetchToken(words) {
    var key = main.getAttribute('data-key'), blind = window.pingyiBlind, record = read(name);
    (record ? Promise.resolve(record) : prepared()).then(function (found) {
      record = found;
      return post(byId('issue'), record.blinded);
    }).then(function (answer) {
      return answer.text().then(function (text) {
        if (answer.status !== 200 || !/text\/plain/.test(answer.headers.get('Content-Type'))) return refused(answer, text, words);
        return blind.finish(key, blind.bytesOf(record.message), text, record.inverse).then(function (signature) {
          keep(name, { message: record.message, signature: signature, collector: record.collector, title: record.title, until: record.until });
          location.assign(main.getAttribute('data-next') + '#' + name.slice(PREFIX.length));
        }, function () { idle(words.false); });
      });
    }).catch(function () { idle(words.failed); });
  }

  /* A page of ours that says why not takes the place of this one; anything else is a fault of the way between. */
  function refused(answer, text, words) {
    var next = new DOMParser().parseFromString(text, 'text/html'), page = next.querySelector('main[data-page]');
    if (!page || answer.status >= 500 || answer.status === 429) { idle(words.failed); return; }
    document.title = next.title;
    page = document.adoptNode(page);
    main.parentNode.replaceChild(page, main);
    page.querySelector('h1').tabIndex = -1;
    page.querySelector('h1').focus();
  }

  function idle(text) {
    busy = false;
    say(text);
  }

  function onInvitation() {
    var words = JSON.parse(main.getAttribute('data-words')), record, print = byId('print');
    name = PREFIX + main.getAttribute('data-token');
    if (!able()) { show('cannot'); return; }
    record = read(name);
    byId('go').href = main.getAttribute('data-next') + '#' + name.slice(PREFIX.length);
    window.pingyiBlind.fingerprint(main.getAttribute('data-key')).then(function (found) {
      if (found !== print.textContent) { say(words.differs); return; }
      show(record && record.done ? 'done' : record && record.signature ? 'have' : 'fetch');
    });
    byId('issue').addEventListener('submit', function (event) {
      event.preventDefault();
      if (busy) return;
      busy = true;
      say(words.making);
      fetchToken(words);
    });
  }

  /* ---- Where it is taken up ---- */

  function onToken() {
    var record;
    name = PREFIX + location.hash.slice(1);
    record = read(name);
    if (record && record.done) { show('done'); return; }
    if (!record || !record.signature) { show('none'); return; }
    var form = byId('spend'), fields = form.elements;
    byId('of').textContent = record.title;
    fields.namedItem('token').value = record.message;
    fields.namedItem('signature').value = record.signature;
    fields.namedItem('collector').value = record.collector;
    form.hidden = false;
    /* So that the page that sends can take the token off this phone; its name is never sent. */
    form.addEventListener('submit', function () { try { sessionStorage.setItem(SPENDING, name); } catch (absent) { /* it stays until the campaign ends */ } });
  }

  sweep();
  if (byId('issue')) onInvitation(); else if (byId('spend')) onToken();
}());
