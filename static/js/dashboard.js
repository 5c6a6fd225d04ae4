// The dashboard's live part: one stream, its freshness light, and nothing that moves under a finger.
(() => {
  "use strict";
  const REOPEN = 1000, DEAD = 20000, SLOW = 8000, REST = 5000, POLL = 5000, RELEASE = 600, TOAST = 8000;
  const now = () => Date.now();
  const on = (name, act) => document.addEventListener(name, act);
  const byId = (id) => document.getElementById(id), all = (which, of = document) => [...of.querySelectorAll(which)];

  // --- copying: there is no clipboard over plain HTTP
  on("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const text = byId(copy.dataset.copy);
      text.focus();
      text.select();
      if (document.execCommand("copy")) copy.lastElementChild.textContent = copy.dataset.copied;
    }
    const close = event.target.closest("[data-close]");
    const region = close && byId(`${close.dataset.close}-region`);
    if (region) { event.preventDefault(); region.textContent = ""; }
  });

  const dash = byId("dash");
  if (!dash) return;
  // What comes can be tapped at once: htmx would rest for 20 ms first, and a button that is tapped meanwhile leaves the page.
  htmx.config.defaultSettleDelay = 0;
  const list = byId("latest-region"), more = byId("latest-more"), filter = byId("people-filter");
  const light = byId("light"), clock = byId("clock"), toast = byId("toast");
  let reopening = 0, resting = 0, isOpen = false, heardAt = now(), triedAt = 0, askedAt = 0, polledAt = 0, skew = 0;
  const missing = byId("missing-region"), waiting = new Map();
  let pressed = null, heldUntil = 0, scrolledUntil = 0, phones = null, toastEnds = 0;

  // --- what must not move: a region under a finger, and a list that is scrolled, narrowed, has an open row or the focus
  const isNarrowed = () => [...new FormData(filter)].some(([name, value]) => name !== "csrf_token" && value !== "");
  const isScrolled = () => list.scrollTop > 8 || list.getBoundingClientRect().top < 0;
  const isOpened = () => !!list.querySelector("details[open]");
  const isHeld = (region) => (region === pressed && now() < heldUntil) || (region === missing && now() < scrolledUntil) || (region === list && (isScrolled()
    || isNarrowed() || isOpened() || (list.contains(document.activeElement) && document.activeElement.matches(":focus-visible"))));
  addEventListener("pointerdown", (event) => {
    pressed = event.target.closest("[data-region], #toast");
    heldUntil = Infinity;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => { heldUntil = now() + RELEASE; });
  }
  missing.parentElement.addEventListener("scroll", () => { scrolledUntil = now() + RELEASE; }, true);
  const release = () => {
    for (const [region, html] of waiting) {
      if (isHeld(region)) {
        if (region === list) more.hidden = !!byId("q").value || !(isScrolled() || isOpened() || isNarrowed());
        continue;
      }
      waiting.delete(region);
      if (region === list) more.hidden = true;
      swap(region, html);
    }
  };
  more.addEventListener("click", () => {
    for (const row of all("details[open]", list)) row.open = false;
    list.scrollTop = 0;
    heldUntil = 0;
    list.parentElement.scrollIntoView();
    more.hidden = true;
    if (waiting.has(list)) swap(list, waiting.get(list));
    waiting.delete(list);
  });

  // --- a narrow screen's list: the chosen one stays through every swap, and in the address for whoever comes back
  on("click", (event) => {
    const tab = event.target.closest("[data-show]");
    if (!tab) return;
    event.preventDefault();
    dash.dataset.tab = tab.dataset.show;
    all("[data-show][aria-current]")[0].removeAttribute("aria-current");
    tab.setAttribute("aria-current", "page");
    history.replaceState(null, "", tab.href);
  });

  // --- showing: numbers roll, new rows slide in
  const LIVE = "[data-roll], [data-row]";
  const state = ({ dataset: { roll, row }, textContent }) => [roll || row, row || textContent];
  let before;
  const remember = (region) => { before = new Map(all(LIVE, region).map(state)); };
  const animate = (region) => {
    for (const one of before.size ? all(LIVE, region) : []) {
      const [key, value] = state(one);
      if (before.get(key) !== value) one.classList.add("is-new");
    }
  };
  const swap = (region, html) => {
    remember(region);
    htmx.swap(region, html, { swapStyle: "innerHTML", settleDelay: 0 });
    animate(region);
    const arrived = html.match(/data-roll="arrived">(\d+)/);
    if (arrived) document.title = document.title.replace(/^\d+/, arrived[1]);
  };

  // --- the stream (js/streams.js): a hidden board gives it back, and catches up when it is seen again
  const heard = () => { heardAt = now(); };
  const { stream, worker, who } = dash.dataset;
  const names = ["phones", "beat", ...all("[data-region]").map((e) => e.dataset.region)];
  let port;
  const connect = (shared) => {
    const pair = shared ? null : new MessageChannel();
    if (pair) onconnect({ ports: [pair.port2] });
    else shared.onerror = () => { connect(); open(); };
    port = pair ? pair.port1 : shared.port;
    port.onmessage = ({ data: [name, data] }) => {
      if (!triedAt) return;
      if (name === "error") return fail();
      heard();
      if (name === "open") isOpen = true;
      else if (name === "beat") skew = Date.parse(data) - now();
      else if (name !== "phones") {
        waiting.set(byId(`${name}-region`), data);
        release();
      } else {
        if (phones !== null && phones !== data) htmx.trigger(byId("phones-region"), "poll");
        phones = data;
      }
      say();
    };
  };
  const close = () => { isOpen = false; triedAt = 0; port.postMessage([]); };
  const open = () => {
    clearTimeout(reopening);
    reopening = 0;
    triedAt = now();
    port.postMessage([stream + who, stream, names]);
  };
  const fail = () => {
    close();
    if (!reopening) reopening = setTimeout(open, REOPEN);
    say();
  };
  const rest = () => { if (!all("#chime[aria-pressed=true]")[0]) close(); };
  on("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(rest, REST);
    else if (!isOpen || now() - heardAt > DEAD) { polledAt = now(); open(); }
  });
  addEventListener("online", open);
  addEventListener("offline", fail);
  addEventListener("pageshow", (event) => { if (event.persisted) location.replace(location.pathname + location.search); });
  addEventListener("pagehide", close);

  // --- the light and the clock
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: clock.dataset.zone, timeStyle: "short" });
  const put = (place, words) => { if (place.textContent !== words) place.textContent = words; };
  const say = () => {
    const age = Math.round((now() - heardAt) / 1000);
    const state = isOpen ? "live" : navigator.onLine && now() - polledAt < POLL * 2 ? "old" : "off";
    const words = light.dataset[state].replace("{n}", Math.max(1, age));
    light.dataset.state = state;
    put(byId("light-words"), words);
    put(clock, time.format(now() + skew));
  };
  setInterval(() => {
    if (isOpen && now() - heardAt > DEAD) { isOpen = false; open(); }
    else if (triedAt && !isOpen && now() - triedAt > SLOW) { close(); connect(); open(); }
    if (!isOpen && !document.hidden && now() - askedAt >= POLL) {
      askedAt = now();
      for (const region of all("[data-region], #phones-region")) htmx.trigger(region, "poll");
    }
    if (now() > toastEnds && !isHeld(toast)) toast.textContent = "";
    say();
    release();
  }, 1000);

  // --- htmx: polls obey the same rule, and a good answer is news too
  on("htmx:beforeSwap", ({ detail }) => {
    const { target: region, requestConfig: { elt, triggeringEvent: by } } = detail;
    const isTold = by && by.type === "rows-changed", isAsked = elt !== region || isTold;
    if (!isAsked && isHeld(region)) detail.shouldSwap = false;
    else waiting.delete(region);
    if (region === list && detail.shouldSwap) { more.hidden = true; if (isAsked && !isNarrowed()) list.scrollTop = 0; }
    remember(region);
    // another list, not news
    if (isAsked && !isTold) before.clear();
  });
  // the undo stays for some seconds
  on("htmx:afterSettle", ({ detail: { target } }) => {
    if (target) animate(target);
    if (target === toast) toastEnds = now() + TOAST;
  });
  on("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && !isOpen) { polledAt = now(); heard(); say(); }
  });

  connect(window.SharedWorker && new SharedWorker(worker));
  open();
})();
