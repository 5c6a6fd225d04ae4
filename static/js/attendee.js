// The attendee's forms on a bad network: what was typed is kept, sent again with the same key, and said so. What signs
// in (`data-outbox`) waits on this phone until it is answered, half a day at most, also when the page is closed: it goes
// out by itself when a page of the event, or the one that asks for the code, is opened again; never at a station. Without
// this script the forms are ordinary ones. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const TIMEOUT = 10000, FIRST_WAIT = 1500, LONGEST_WAIT = 8000, FINAL = 45000, KEEPS = 43200000;
  // window.posting: post.js.
  const posting = window.posting, main = document.getElementById("main"), words = document.currentScript.dataset, outbox = "outbox";
  const isStation = document.body.classList.contains("kiosk"), find = (selector) => main.querySelector(selector);
  let pressed = null;

  function setUp() {
    const form = find("#sign-in"), errors = find("#errors");
    if (form) restore(form);
    if (errors) errors.focus();
  }

  // What is typed stays with this tab.
  function keeps(form) { return form && form.id === "sign-in" && !("kiosk" in form.dataset); }
  function keep(form) {
    const typed = {};
    for (const { type, name, value, dataset } of form.elements) {
      if ((type === "text" || type === "tel") && !("fleeting" in dataset)) typed[name] = value;
    }
    try { sessionStorage.setItem("typed-" + form.dataset.event, JSON.stringify(typed)); } catch (refused) { /* private mode */ }
  }
  function restore(form) {
    let typed = {};
    try { typed = JSON.parse(sessionStorage.getItem("typed-" + form.dataset.event) || "{}"); } catch (refused) { return; }
    for (const name of Object.keys(typed)) {
      const field = form.elements[name];
      if (field && field.value === "" && keeps(form)) field.value = typed[name];
    }
  }

  // What signs in and was not answered stays with this phone.
  function read() {
    try {
      return JSON.parse(localStorage.getItem(outbox) || "[]").filter((one) => Math.abs(Date.now() - one.at) < KEEPS);
    } catch (refused) { return []; }
  }
  function write(waiting) {
    try {
      if (waiting.length) localStorage.setItem(outbox, JSON.stringify(waiting)); else localStorage.removeItem(outbox);
    } catch (refused) { /* private mode: this page has it as long as it is open */ }
  }

  function say(place, text) {
    let note = place.querySelector("#network");
    if (!note) {
      place.insertAdjacentHTML("afterbegin", '<p class="notice notice--warn" id="network" role="status"></p>');
      note = place.firstChild;
    }
    note.textContent = text;
    note.hidden = false;
  }

  function send(one, form) {
    const button = form && (pressed && pressed.form === form ? pressed : form.querySelector("button")), began = Date.now();
    let tries = 0, timer = 0;
    const go = () => {
      clearTimeout(timer);
      timer = 0;
      posting.once({ url: one.url, body: one.body + "&sent=" + Date.now(), button, timeout: TIMEOUT }, heard);
    };
    const soon = () => { if (timer) go(); };
    const heard = (request) => {
      // 500 would come again: its page says what to do.
      if (request.status && request.status <= 500) {
        removeEventListener("online", soon);
        if (form) delete form.dataset.sending;
        write(read().filter(({ at }) => at !== one.at));
        show(one, request);
        return;
      }
      tries += 1;
      timer = setTimeout(go, Math.min(FIRST_WAIT * tries, LONGEST_WAIT));
      if (!form) { say(main, words.waiting); return; }
      const isStuck = Date.now() - began > FINAL;
      posting.busy(button, true);
      say(form, isStuck ? words.stuck : words.retrying);
      if (isStuck && window.finalAnswer) window.finalAnswer(form);
    };
    addEventListener("online", soon);
    go();
  }

  function show(one, request) {
    if (request.status < 300 && request.responseURL && !request.responseURL.endsWith(one.url)) {
      location.replace(request.responseURL);
      return;
    }
    const page = posting.pageOf(request);
    document.title = page.title;
    document.body.className = page.body.className;
    main.innerHTML = page.getElementById("main").innerHTML;
    scrollTo(0, 0);
    setUp();
    if (window.htmx) window.htmx.process(main);
  }

  document.addEventListener("click", (event) => {
    pressed = event.target.closest("button");
    const offered = event.target.closest("[data-fill]"), link = event.target.closest("#errors a");
    // A link of the summary leads to its field; an address with a # would stay behind.
    if (link) {
      event.preventDefault();
      document.getElementById(link.hash.slice(1)).focus();
    }
    if (!offered) return;
    const list = offered.closest("[data-for]"), form = offered.closest("form"), field = form.elements[list.dataset.for];
    field.value = offered.dataset.fill;
    list.textContent = "";
    keep(form);
    field.focus();
  }, true);
  document.addEventListener("input", ({ target }) => { if (keeps(target.form)) keep(target.form); });
  document.addEventListener("submit", (event) => {
    const form = event.target, to = (pressed && pressed.form === form && pressed.getAttribute("formaction")) || form.getAttribute("action");
    // "Forget me", "not me": what waits is forgotten as well.
    if (/\/forget$/.test(to)) write([]);
    if (to !== form.getAttribute("action") || !form.matches("#sign-in, [data-outbox]") || !posting) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "1";
    const at = Date.now(), body = posting.bodyOf(form, pressed), code = words.code;
    if (!body.get("at")) body.set("at", at);
    const one = { at, code, url: to, body: body.toString() };
    if ("outbox" in form.dataset && !isStation) write(read().concat(one));
    send(one, form);
  });

  // What is shown at last is fetched as soon as somebody begins, while there is a network, and after everything else.
  for (const name of ["focusin", "pointerdown"]) document.addEventListener(name, () => {
    if (document.getElementById("final") || isStation) return;
    const script = document.createElement("script");
    script.id = "final";
    script.src = words.final;
    document.body.append(script);
  }, { once: true });

  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  setUp();
  // The newest first: whose page then stays is who sent first. Pages of an event send what is of it.
  const one = read().reverse().find(({ code }) => !words.code || code === words.code);
  if (one && posting && !isStation) send(one);
})();
