// Typing paper sheets faster: what a key means is said at once, one key goes on by itself, arrows and Enter move.
// Without this script the same form is typed with Tab; nothing here decides what is stored.
(function () {
  'use strict';
  const BLANK = /^[-－—–]$/;

  document.querySelectorAll('form.typing').forEach(function (form) {
    const lines = Array.from(form.querySelectorAll('[data-line]'));
    const button = form.querySelector('.actions button');

    function go(from, step) {
      const at = lines.indexOf(from) + step;
      const next = at < lines.length ? lines[Math.max(at, 0)] : button;
      next.focus();
      if (next.select) next.select();
    }

    function keysOf(line) {
      const keys = new Map();
      (line.dataset.keys || '').split('\n').filter(Boolean).forEach(function (pair, at, all) {
        const cut = pair.indexOf('=');
        const label = pair.slice(cut + 1);
        keys.set(pair.slice(0, cut), label);
        if (line.dataset.kind !== 'rating' && all.length <= 26 && /^[0-9]/.test(all[all.length - 1])) {
          keys.set(String.fromCharCode(97 + at), label);
        }
      });
      return keys;
    }

    function meaning(line, keys) {
      const typed = line.value.normalize('NFKC').trim().toLowerCase();
      if (!typed) return '';
      if (BLANK.test(typed)) return form.dataset.blank;
      if (!keys.size) return '';
      if (line.dataset.kind === 'number' || line.dataset.kind === 'date') return keys.get(typed) || '';
      const many = line.dataset.kind === 'many' || line.dataset.kind === 'order';
      let tokens = typed.split(/[\s,，、;；.。/]+/).filter(Boolean);
      if (many && tokens.length === 1 && !keys.has(tokens[0])) tokens = Array.from(tokens[0]);
      if (tokens.every(function (token) { return keys.has(token); })) {
        return tokens.map(function (token) { return keys.get(token); }).join('、');
      }
      return null;
    }

    lines.forEach(function (line) {
      const keys = keysOf(line);
      const said = document.createElement('output');
      line.insertAdjacentElement('afterend', said);
      function say() {
        const words = meaning(line, keys);
        said.textContent = words === null ? form.dataset.none : words;
        said.className = words === null ? 'none' : '';
        if (words === null) line.setAttribute('aria-invalid', 'true');
        else line.removeAttribute('aria-invalid');
        return words;
      }
      line.addEventListener('input', function (event) {
        if (say() && 'single' in line.dataset && !event.isComposing) go(line, 1);
      });
      line.addEventListener('keydown', function (event) {
        if (event.isComposing) return;
        if (event.key === 'Enter' && event.ctrlKey) { event.preventDefault(); button.click(); }
        else if (event.key === 'Enter' || event.key === 'ArrowDown') { event.preventDefault(); go(line, 1); }
        else if (event.key === 'ArrowUp') { event.preventDefault(); go(line, -1); }
      });
      if (line.value) say();
    });
    button.addEventListener('keydown', function (event) {
      if (event.key === 'ArrowUp') { event.preventDefault(); go(button, 0); lines[lines.length - 1].focus(); }
    });
  });

  const wrong = document.querySelector('form.typing [aria-invalid]');
  const first = wrong || document.querySelector('form.typing [data-line]');
  if (first) first.focus();
}());
