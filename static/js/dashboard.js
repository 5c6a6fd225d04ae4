// The dashboard's live part: one stream, its freshness light, and nothing that moves under a finger.
(() => {
  "use strict";
  const REOPEN = 1000, DEAD = 20000, SLOW = 8000, POLL = 5000, RELEASE = 600, TOAST = 8000, ROLL = 240;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const byId = (id) => document.getElementById(id);

  // --- copying: there is no clipboard over plain HTTP
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const text = byId(copy.dataset.copy);
      text.focus();
      text.select();
      text.setSelectionRange(0, text.value.length);
      const said = () => { copy.lastElementChild.textContent = copy.dataset.copied; };
      if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(said, () => document.execCommand("copy") && said());
      else if (document.execCommand("copy")) said();
    }
    const close = event.target.closest("[data-close]");
    const region = close && byId(`${close.dataset.close}-region`);
    if (region) { event.preventDefault(); region.textContent = ""; }
  });

  const dash = byId("dash");
  if (!dash) return;
  const list = byId("latest-region"), more = byId("latest-more"), filter = byId("people-filter");
  const light = byId("light"), lightWords = byId("light-words"), clock = byId("clock");
  let source = null, reopening = 0, isOpen = false, heardAt = Date.now(), triedAt = 0, askedAt = 0, polledAt = 0, skew = 0;
  const missing = byId("missing-region"), waiting = new Map();
  let pressed = null, pressedUntil = 0, scrolledUntil = 0, phones = null;

  // --- what must not move: a region under a finger, and a list that is scrolled, narrowed, has an open row or the focus
  const isNarrowed = () => [...new FormData(filter)].some(([name, value]) => name !== "csrf_token" && value !== "");
  const isScrolled = () => list.scrollTop > 8 || list.getBoundingClientRect().top < 0;
  const isOpened = () => !!list.querySelector("details[open]");
  const isPressed = (region) => region === pressed && Date.now() < pressedUntil;
  const isHeld = (region) => isPressed(region) || (region === missing && Date.now() < scrolledUntil) || (region === list && (isScrolled()
    || isNarrowed() || isOpened() || (list.contains(document.activeElement) && document.activeElement.matches(":focus-visible"))));
  addEventListener("pointerdown", (event) => {
    pressed = event.target.closest("[data-region]");
    pressedUntil = Infinity;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => { pressedUntil = Date.now() + RELEASE; });
  }
  missing.parentElement.addEventListener("scroll", () => { scrolledUntil = Date.now() + RELEASE; }, true);
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
    for (const row of list.querySelectorAll("details[open]")) row.open = false;
    list.scrollTop = 0;
    pressedUntil = 0;
    list.parentElement.scrollIntoView();
    const html = waiting.get(list);
    waiting.delete(list);
    more.hidden = true;
    if (html) swap(list, html);
  });

  // --- a narrow screen's list: the chosen one stays through every swap, and in the address for whoever comes back
  for (const tab of document.querySelectorAll("[data-show]")) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      dash.dataset.tab = tab.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) {
        if (other === tab) other.setAttribute("aria-current", "page");
        else other.removeAttribute("aria-current");
      }
      history.replaceState(null, "", tab.href);
      release();
    });
  }

  // --- showing: numbers roll, new rows slide in
  const counts = (region) => new Map([...region.querySelectorAll("[data-roll]")].map((e) => [e.dataset.roll, +e.textContent]));
  const rows = (region) => new Set([...region.querySelectorAll("[data-row]")].map((e) => e.dataset.row));
  let before = { counts: new Map(), rows: new Set() };
  const remember = (region) => { before = { counts: counts(region), rows: rows(region) }; };
  const animate = (region) => {
    if (region === list && before.rows.size) {
      for (const row of region.querySelectorAll("[data-row]")) {
        if (!before.rows.has(row.dataset.row)) row.classList.add("person--new");
      }
    }
    if (calm.matches || document.hidden) return;
    for (const number of region.querySelectorAll("[data-roll]")) {
      const from = before.counts.get(number.dataset.roll), to = +number.textContent;
      if (from !== undefined && from !== to) roll(number, from, to);
    }
  };
  const roll = (number, from, to) => {
    const began = performance.now();
    const step = (now) => {
      const part = Math.min(1, (now - began) / ROLL);
      number.textContent = Math.round(from + (to - from) * part);
      if (part < 1 && number.isConnected) requestAnimationFrame(step);
    };
    number.textContent = from;
    requestAnimationFrame(step);
  };
  const swap = (region, html) => {
    remember(region);
    htmx.swap(region, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
    animate(region);
    if (region.id === "numbers-region") {
      const arrived = byId("arrived");
      if (arrived) document.title = document.title.replace(/^\d+/, html.match(/data-roll="arrived">(\d+)/)[1]);
    }
  };
  const show = (region, html) => {
    waiting.set(region, html);
    release();
  };

  // --- the stream
  const heard = () => { heardAt = Date.now(); };
  const open = () => {
    clearTimeout(reopening);
    reopening = 0;
    if (source) source.close();
    source = new EventSource(dash.dataset.stream);
    triedAt = Date.now();
    source.onopen = () => { isOpen = true; heard(); say(); };
    source.onerror = () => { fail(); };
    for (const region of document.querySelectorAll("[data-region]")) {
      source.addEventListener(region.dataset.region, (event) => { heard(); show(region, event.data); });
    }
    source.addEventListener("beat", (event) => { heard(); skew = Date.parse(event.data) - Date.now(); say(); });
    source.addEventListener("phones", (event) => {
      heard();
      if (phones !== null && phones !== event.data) htmx.trigger(byId("phones-region"), "poll");
      phones = event.data;
    });
  };
  const fail = () => {
    isOpen = false;
    if (source) source.close();
    source = null;
    if (!reopening) reopening = setTimeout(open, REOPEN);
    say();
  };
  const wake = () => { if (!document.hidden && (!isOpen || Date.now() - heardAt > DEAD)) open(); };
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", () => { open(); });
  addEventListener("offline", () => { fail(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.replace(location.pathname + location.search); });
  addEventListener("pagehide", () => { if (source) source.close(); });

  // --- the light and the clock
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit" });
  const say = () => {
    const age = Math.round((Date.now() - heardAt) / 1000);
    const state = isOpen ? "live" : navigator.onLine && Date.now() - polledAt < POLL * 2 ? "old" : "off";
    const words = light.dataset[state].replace("{n}", Math.max(1, age));
    if (light.dataset.state !== state) light.dataset.state = state;
    if (lightWords.textContent !== words) lightWords.textContent = words;
    const shown = time.format(Date.now() + skew);
    if (clock.textContent !== shown) clock.textContent = shown;
  };
  setInterval(() => {
    const isSilent = isOpen ? Date.now() - heardAt > DEAD : source && Date.now() - triedAt > SLOW;
    if (isSilent) { isOpen = false; open(); }
    if (!isOpen && !document.hidden && Date.now() - askedAt >= POLL) {
      askedAt = Date.now();
      for (const region of document.querySelectorAll("[data-region], #phones-region")) htmx.trigger(region, "poll");
    }
    say();
    release();
  }, 1000);
  // --- htmx: polls obey the same rule, and a good answer is news too
  document.addEventListener("htmx:beforeSwap", (event) => {
    const region = event.detail.target;
    const by = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    const isTold = by && by.type === "rows-changed", isAsked = event.detail.requestConfig.elt !== region || isTold;
    if (!isAsked && isHeld(region)) event.detail.shouldSwap = false;
    else waiting.delete(region);
    if (region === list && event.detail.shouldSwap) { more.hidden = true; if (isAsked && !isNarrowed()) list.scrollTop = 0; }
    remember(region);
    if (isAsked && !isTold) before.rows.clear(); // another list, not news
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target) animate(event.detail.target); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !isOpen) { polledAt = Date.now(); heard(); say(); }
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const by = event.detail.elt;
    if (!by.closest("[data-widen]")) return;
    byId("q").value = "";
    if (byId("hand-region")) byId("hand-region").textContent = "";
  });

  // --- the undo stays for some seconds
  let toastEnds = 0;
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.target || event.detail.target.id !== "toast") return;
    clearTimeout(toastEnds);
    toastEnds = setTimeout(() => { byId("toast").textContent = ""; }, TOAST);
  });

  open();
})();
