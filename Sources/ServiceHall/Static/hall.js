// Keeps what is typed. Of a draft every change goes to the node on this machine, and is sent again until it has been
// taken: while something is not saved, the page is the only copy, so that a form leaves it only behind its last save.
// Of a case's forms the page is the only copy until one is sent.
(function () {
  'use strict';
  var print = document.querySelector('[data-print]');
  if (print) { print.addEventListener('click', function () { window.print(); }); }

  var problems = document.getElementById('problems');
  if (problems) { problems.focus(); }

  // A second click would do the same once more.
  var going = null;
  var acts = document.querySelectorAll('.act form');
  function stayed() { going = null; }
  Array.prototype.forEach.call(acts, function (act) {
    // What was refused is shown again, and kept nowhere else.
    act.isTyped = !!act.querySelector('.why');
    function typed() {
      act.isTyped = true;
      // The page is still there: whoever sent it has stopped that.
      stayed();
    }
    act.addEventListener('input', typed);
    act.addEventListener('change', typed);
    act.addEventListener('submit', function (event) {
      if (going) { event.preventDefault(); return; }
      going = act;
      setTimeout(stayed, 10000);
    });
  });
  window.addEventListener('pageshow', stayed);
  window.addEventListener('beforeunload', function (event) {
    // Sending one form does not send what stands in another.
    var isTyped = Array.prototype.some.call(acts, function (act) { return act.isTyped && act !== going; });
    if (!isTyped) { return; }
    // Runs where the page stays.
    setTimeout(stayed, 500);
    event.preventDefault();
    event.returnValue = '';
  });

  var form = document.getElementById('draft');
  if (!form || !window.XMLHttpRequest) { return; }
  var mark = document.getElementById('saving');
  var edit = Number(form.elements.edit.value) || 0;
  var kept = edit;
  var isSending = false;
  var isGone = false;
  var isLeaving = false;
  // The last attempt to save has failed.
  var isStuck = false;
  var timer = 0;
  var isDue = false;
  // Milliseconds from a failure to the next attempt; 0 while saving works.
  var pause = 0;
  // When the first change was made that is not on its way; 0 while there is none.
  var since = 0;
  // The button that was pressed last, and the one that waits to be pressed again.
  var pressed = null;
  var held = null;

  if (form.hasAttribute('data-fresh')) {
    var first = form.querySelector('.field input');
    if (first) { first.focus(); }
  }

  function say(word) {
    mark.textContent = form.getAttribute('data-' + word) || '';
    mark.className = 'aside ' + word;
  }

  function encoded() {
    var parts = [];
    Array.prototype.forEach.call(form.elements, function (one) {
      if (!one.name || one.type === 'submit' || one.tagName === 'FIELDSET') { return; }
      if ((one.type === 'checkbox' || one.type === 'radio') && !one.checked) { return; }
      parts.push(encodeURIComponent(one.name) + '=' + encodeURIComponent(one.value));
    });
    return parts.join('&');
  }

  function later(milliseconds) {
    clearTimeout(timer);
    isDue = true;
    timer = setTimeout(function () {
      isDue = false;
      send();
    }, milliseconds);
  }

  function failed() {
    isSending = false;
    isStuck = true;
    pause = Math.min(pause * 2 || 1000, 10000);
    say(held ? 'holding' : 'retrying');
    later(pause);
  }

  function release() {
    var button = held;
    held = null;
    if (button) { button.click(); }
  }

  function send() {
    if (isSending || isGone || isLeaving || kept === edit) { return; }
    isSending = true;
    since = 0;
    var sent = edit;
    var request = new XMLHttpRequest();
    request.open('POST', form.getAttribute('data-save'));
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.timeout = 10000;
    request.onload = function () {
      if (request.status === 200) {
        isSending = false;
        isStuck = false;
        pause = 0;
        kept = sent;
        if (kept !== edit) { later(0); return; }
        say('saved');
        release();
      } else if (request.status === 409) {
        // Another page of this draft was faster: what is typed here comes after it.
        isSending = false;
        edit = Math.max(edit, Number(request.responseText) || 0) + 1;
        form.elements.edit.value = edit;
        later(0);
      } else if (request.status === 410) {
        isSending = false;
        isGone = true;
        say(request.responseText === 'accepted' ? 'accepted' : 'gone');
        release();
      } else if (request.status === 413) {
        // Sending the same again would help nothing.
        isSending = false;
        isStuck = true;
        pause = 0;
        held = null;
        say('large');
        if (sent !== edit) { later(0); }
      } else {
        failed();
      }
    };
    request.onerror = failed;
    request.onabort = failed;
    request.ontimeout = failed;
    request.send(encoded());
  }

  function changed(milliseconds) {
    // The page is still there: whoever sent it has stopped that.
    isLeaving = false;
    edit += 1;
    form.elements.edit.value = edit;
    // Who goes on typing has thought better of it.
    held = null;
    if (isGone) { return; }
    say(pause ? 'retrying' : 'saving');
    // What is on its way goes on by itself, and so does the next attempt behind a failure.
    if (isSending || pause && isDue) { return; }
    // Whoever goes on typing puts the save off, by a second at most.
    since = since || Date.now();
    later(Math.max(0, Math.min(milliseconds, since + 1000 - Date.now())));
  }

  // Enter goes to the next field: a reader of cards or codes types it, too, and would accept the case.
  form.addEventListener('keydown', function (event) {
    if (event.keyCode !== 13 || event.target.tagName !== 'INPUT') { return; }
    event.preventDefault();
    // A key that is held down goes no further than the next field, and none goes on to a button.
    if (event.repeat) { return; }
    var fields = Array.prototype.filter.call(form.elements, function (one) {
      return !one.disabled && one.tabIndex >= 0 && !/^(FIELDSET|BUTTON)$/.test(one.tagName) && one.type !== 'hidden';
    });
    var next = fields[fields.indexOf(event.target) + 1];
    if (next) { next.focus(); }
  });

  form.addEventListener('input', function () { changed(250); });
  form.addEventListener('change', function () { changed(0); });
  form.addEventListener('click', function (event) {
    if (event.target.type === 'submit') { pressed = event.target; }
  });
  form.addEventListener('submit', function (event) {
    if (isLeaving) { event.preventDefault(); return; }
    if (isGone || kept === edit) {
      isLeaving = true;
      setTimeout(function () { isLeaving = false; }, 10000);
      isDue = false;
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    held = pressed || form.querySelector('button.main');
    say(pause ? 'holding' : 'saving');
    send();
  });
  window.addEventListener('pageshow', function () { isLeaving = false; });
  window.addEventListener('beforeunload', function (event) {
    if (!isStuck && !isGone || isLeaving || kept === edit) { return; }
    event.preventDefault();
    event.returnValue = '';
  });
  window.addEventListener('pagehide', function () {
    if (isGone || isLeaving || kept === edit || !navigator.sendBeacon) { return; }
    navigator.sendBeacon(
      form.getAttribute('data-save'), new Blob([encoded()], { type: 'application/x-www-form-urlencoded' }));
  });

  // A page that the node could not keep begins with saving.
  if (form.hasAttribute('data-unkept')) { changed(0); }
})();

// Renews the wall without leaving it: what the node cannot answer keeps the last figures, with the time they are of.
(function () {
  'use strict';
  function mark() { return document.getElementById('stale'); }

  if (!mark() || !window.XMLHttpRequest) { return; }
  var pause = (Number(mark().getAttribute('data-every')) || 20) * 1000;

  function script(page) {
    var found = page.querySelector('script[src]');
    return found && found.getAttribute('src');
  }

  function again() { setTimeout(renew, pause); }

  function failed() {
    mark().hidden = false;
    again();
  }

  function renew() {
    var request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.timeout = pause;
    request.onload = function () {
      var page = request.response;
      if (request.status !== 200 || !page || !page.getElementById('stale')) { failed(); return; }
      // A new version of the program has a page, a style and a script of its own.
      if (script(page) !== script(document)) { location.reload(); return; }
      ['main', '.line'].forEach(function (name) {
        var here = document.querySelector(name);
        var there = page.querySelector(name);
        if (here && there) { here.parentNode.replaceChild(document.importNode(there, true), here); }
      });
      document.title = page.title;
      again();
    };
    request.onerror = failed;
    request.onabort = failed;
    request.ontimeout = failed;
    request.send();
  }

  again();
})();
