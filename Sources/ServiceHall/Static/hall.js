// Keeps the draft: every change goes to the node on this machine, and is sent again until it has been taken.
(function () {
  'use strict';
  var print = document.querySelector('[data-print]');
  if (print) { print.addEventListener('click', function () { window.print(); }); }

  var problems = document.getElementById('problems');
  if (problems) { problems.focus(); }

  var form = document.getElementById('draft');
  if (!form || !window.XMLHttpRequest) { return; }
  var mark = document.getElementById('saving');
  var edit = Number(form.elements.edit.value) || 0;
  var kept = edit;
  var isSending = false;
  var isOver = false;
  var timer = 0;
  var pause = 0;

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
    timer = setTimeout(send, milliseconds);
  }

  function failed() {
    isSending = false;
    pause = Math.min(pause * 2 || 1000, 10000);
    say('retrying');
    later(pause);
  }

  function send() {
    if (isSending || isOver || kept === edit) { return; }
    isSending = true;
    var sent = edit;
    var request = new XMLHttpRequest();
    request.open('POST', form.getAttribute('data-save'));
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.timeout = 10000;
    request.onload = function () {
      if (request.status === 200) {
        isSending = false;
        pause = 0;
        kept = sent;
        if (kept === edit) { say('saved'); } else { later(0); }
      } else if (request.status === 409) {
        // Another page of this draft was faster: what is typed here comes after it.
        isSending = false;
        edit = Math.max(edit, Number(request.responseText) || 0) + 1;
        form.elements.edit.value = edit;
        later(0);
      } else if (request.status === 410) {
        isSending = false;
        isOver = true;
        say('gone');
      } else {
        failed();
      }
    };
    request.onerror = failed;
    request.ontimeout = failed;
    request.send(encoded());
  }

  function changed(milliseconds) {
    edit += 1;
    form.elements.edit.value = edit;
    if (isOver) { return; }
    if (!pause) { say('saving'); }
    later(pause || milliseconds);
  }

  form.addEventListener('input', function () { changed(250); });
  form.addEventListener('change', function () { changed(0); });
  form.addEventListener('submit', function () { isOver = true; clearTimeout(timer); });
  window.addEventListener('pageshow', function () { isOver = false; });
  window.addEventListener('pagehide', function () {
    if (isOver || kept === edit || !navigator.sendBeacon) { return; }
    navigator.sendBeacon(
      form.getAttribute('data-save'), new Blob([encoded()], { type: 'application/x-www-form-urlencoded' }));
  });
})();
