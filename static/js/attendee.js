/* The attendee's form on a bad network: keeps what was typed, sends it again with the same key, says so.
   Without this script the form is an ordinary one. Nothing newer than Chromium 86 and iOS 14. */
(function () {
  "use strict";
  var TRIES = 6, TIMEOUT = 10000, FIRST_WAIT = 1500, LONGEST_WAIT = 8000, posting = window.posting; // post.js
  var form, note, button, isSending = false;

  function setUp() {
    form = document.getElementById("sign-in");
    if (!form) return;
    note = document.getElementById("network");
    button = form.querySelector(".submit button");
    restore();
    form.addEventListener("input", keep);
    form.addEventListener("submit", function (event) {
      if (!posting) return;
      event.preventDefault();
      if (!isSending) send();
    });
    form.addEventListener("click", fill);
    var errors = document.getElementById("errors");
    if (!errors) return;
    errors.addEventListener("click", lead);
    errors.focus();
  }

  // A link of the summary leads to its field; an address with a # would stay behind.
  function lead(event) {
    var link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.hash.slice(1)).focus();
  }

  function storageKey() { return "typed-" + form.dataset.event; }

  function keep() {
    if ("kiosk" in form.dataset) return;
    var typed = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if ((field.type === "text" || field.type === "tel") && !("fleeting" in field.dataset)) typed[field.name] = field.value;
    });
    try { sessionStorage.setItem(storageKey(), JSON.stringify(typed)); } catch (refused) { /* private mode */ }
  }

  function restore() {
    var typed = {};
    try { typed = JSON.parse(sessionStorage.getItem(storageKey()) || "{}"); } catch (refused) { return; }
    Object.keys(typed).forEach(function (name) {
      var field = form.elements[name];
      if (field && field.value === "" && !("kiosk" in form.dataset)) field.value = typed[name];
    });
  }

  function fill(event) {
    var offered = event.target.closest("[data-fill]");
    if (!offered) return;
    var list = offered.closest("[data-for]");
    var field = form.elements[list.dataset.for];
    field.value = offered.dataset.fill;
    list.textContent = "";
    keep();
    field.focus();
  }

  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }

  function send() {
    isSending = true;
    var sent = { url: form.action, body: posting.bodyOf(form), button: button, timeout: TIMEOUT };
    untilDone(sent, show, function (tries) {
      say(tries < TRIES ? form.dataset.retrying : form.dataset.stuck); // then also what to tell the steward
    });
  }

  // It never gives up by itself: waiting(tries) can say what to do meanwhile.
  function untilDone(sent, done, waiting) {
    function attempt(tries) {
      posting.once(sent, done, function (request) {
        if (request.status === 500) { done(request); return; } // it would break again: its page says what to do
        if (sent.button) posting.busy(sent.button, true);
        waiting(tries);
        setTimeout(function () { attempt(tries + 1); }, Math.min(FIRST_WAIT * tries, LONGEST_WAIT));
      });
    }
    attempt(1);
  }

  function show(request) {
    isSending = false;
    say("");
    if (request.status < 300 && request.responseURL && request.responseURL !== form.action) {
      location.replace(request.responseURL);
      return;
    }
    var page = posting.pageOf(request);
    document.title = page.title;
    document.body.className = page.body.className;
    document.getElementById("main").innerHTML = page.getElementById("main").innerHTML;
    window.scrollTo(0, 0);
    setUp();
    if (window.htmx) window.htmx.process(document.getElementById("main"));
  }

  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.reload(); });
  setUp();
})();
