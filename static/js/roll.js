// A roll call on a phone or a tablet: a tap ticks at once, whatever the network does, and the list follows the others.
// What is tapped is sent by queue.js. The list comes in parts, the next one before its end is reached, and the first
// hundreds without being asked for, so that a phone that loses its network has them. Without this script every row is an
// ordinary button of a form, and a link leads on. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const POLL = 2000, CALM = 1500, SOON = 300, TWICE = 350, AHEAD = 400;
  const byId = (id) => document.getElementById(id), on = (name, act) => document.addEventListener(name, act);
  // window.posting: post.js.
  const form = byId("roll"), end = byId("roll-end"), unsent = byId("unsent"), note = byId("roll-lost");
  const find = byId("roll-find"), { q } = find.elements, more = byId("roll-more"), list = byId("roll-list").dataset;
  const { part: chosen } = form.elements, SHOWN = ".roll__row:not([hidden])";
  if (!window.posting || !unsent.acts) return;
  // What was tapped and the list does not show yet: by person, with a number that grows.
  let mine = {}, tapped = {}, number = 0, touched = 0, polled = Date.now(), news = null, isAsking = false, isEnding = false;
  // What of the list is read (a bus, a group, all of it), how far it is known without a gap, and behind whom it goes on; of
  // a search its request, and whom it found.
  let view = { ...list, home: chosen.value }, typed = "", asked = null, hits = null;

  const all = (what) => form.querySelectorAll(what), rowsOf = (place) => Array.from(place.querySelectorAll(".roll__row"));
  const rowOf = (id) => form.querySelector(`[data-id="${id}"]`);
  const listOf = (request) => posting.pageOf(request).getElementById("roll-list");
  // Of what queue.js has some were refused.
  const isWaiting = () => unsent.acts.some((act) => !act.why);

  // What waits since before this page was opened, or still does.
  function recall() {
    mine = {};
    for (const { url, body, why } of unsent.acts) {
      const act = new URLSearchParams(body), id = act.get("there") || act.get("gone");
      if (url === form.getAttribute("action") && !why) mine[id] = { there: act.has("there"), number: number += 1 };
    }
  }

  // What is seen: the server's list as far as it is known, and over it what was tapped since.
  function draw() {
    const lacking = { "": 0 }, part = chosen.value, { next, upto } = view;
    for (const row of rowsOf(form)) {
      const { id, there, order, parts } = row.dataset, was = there === "1", is = id in mine ? mine[id].there : was;
      const its = parts.split(" "), button = row.firstElementChild;
      button.setAttribute("aria-pressed", is);
      button.name = is ? "gone" : "there";
      row.classList.toggle("roll__waits", id in mine && isWaiting());
      row.hidden = hits ? !hits.includes(id) : part && !its.includes(part) || note.hidden && next && order > upto;
      for (const key of [...its, ""]) lacking[key] = (lacking[key] || 0) + (is - was);
    }
    lack(list.absent - lacking[""], byId("roll-count"));
    for (const chip of all("[data-part]")) {
      const { part: key, absent } = chip.dataset;
      chip.setAttribute("aria-current", key === part);
      if (key) lack(absent - (lacking[key] || 0), chip);
    }
    // A half of which nobody is shown has no heading.
    for (const people of all(".roll__people")) people.previousElementSibling.hidden = !people.querySelector(SHOWN);
    more.hidden = !!hits || !next;
    byId("roll-none").hidden = !hits || form.querySelector(SHOWN);
  }
  function lack(absent, place) {
    const words = place.querySelector("[data-lacks]");
    words.textContent = absent > 0 ? words.dataset.lacks.replace("{n}", absent) : words.dataset.all;
    place.classList.toggle("roll__count--all", absent <= 0);
  }

  // The server's rows, each to its place. A part of the list says nothing new of whom this page knows, who may be under a
  // thumb; but when all is read again.
  function put(fresh, isPart) {
    for (const row of rowsOf(fresh)) {
      const { id, there, order } = row.dataset, known = rowOf(id), people = all(".roll__people")[there];
      if (known && (isPart && view.upto !== "~" || known.dataset.order === order && known.textContent === row.textContent)) continue;
      known?.remove();
      people.insertBefore(row, rowsOf(people).find((one) => one.dataset.order > order) || null);
    }
    if (isPart) return;
    byId("roll-head").replaceWith(fresh.firstElementChild);
    Object.assign(list, fresh.dataset);
  }

  // The others' ticks: asked for often, answered with nothing while nothing has changed. Otherwise what comes next.
  function ask() {
    const before = isWaiting() ? 0 : number, isNear = !more.hidden && more.getBoundingClientRect().top < 2 * innerHeight;
    follow();
    if (typed !== q.value) look();
    if (isAsking) return;
    if (Date.now() - polled >= POLL) {
      polled = Date.now();
      get("since=" + list.revision, (request) => { news = { request, before }; });
    } else if (note.hidden && view.next && (isNear || rowsOf(form).length < AHEAD)) {
      const asked = view;
      get(`part=${view.home}&after=${view.next}`, (request) => {
        const fresh = listOf(request), { next, upto } = fresh.dataset;
        put(fresh, true);
        asked.next = next;
        if (upto > asked.upto) asked.upto = upto;
      });
    }
  }
  function get(query, heard) {
    isAsking = true;
    posting.once({ url: form.dataset.list + "?" + query, isPart: true }, (request) => {
      const { status } = request;
      isAsking = false;
      note.hidden = status && status < 500;
      if (status && status < 300) heard(request);
      // The page says why.
      else if (note.hidden) location.reload();
      draw();
    });
  }

  // No list moves under a thumb.
  function follow() {
    if (!news || Date.now() - touched < CALM) return;
    const { request, before } = news, at = document.activeElement.parentElement.dataset.id, fresh = listOf(request), { roster } = list;
    news = null;
    if (fresh) {
      put(fresh);
      for (const id of list.gone.split(" ")) rowOf(id)?.remove();
      // The roster says something else: everybody is read again, and nobody hidden meanwhile.
      if (roster !== list.roster) view = { home: view.home, next: "u0", upto: "~" };
    }
    // Nothing new is news as well: what was tapped before has come to what the list shows.
    if (list.behind === "1") polled = 0;
    else for (const id in mine) if (mine[id].number <= before) delete mine[id];
    draw();
    if (at) rowOf(at)?.firstElementChild.focus({ preventScroll: true });
    if (fresh && hits) look();
  }

  // Whom words mean: the server knows. Without a network those are looked through who are known here.
  function look() {
    const words = q.value.trim();
    typed = q.value;
    asked?.abort();
    if (!words) { hits = null; draw(); return; }
    asked = posting.once({ url: find.action, body: posting.bodyOf(find) }, (request) => {
      const fresh = request.status === 200 && listOf(request);
      hits = (fresh ? rowsOf(fresh) : rowsOf(form).filter((row) => row.textContent.includes(words))).map((row) => row.dataset.id);
      if (fresh) put(fresh, true);
      draw();
    });
  }

  on("click", (event) => {
    const { target } = event, button = target.closest(".roll__person"), chip = target.closest("[data-part]");
    if (chip) {
      event.preventDefault();
      chosen.value = chip.dataset.part;
      if (view.home || view.next) view = { home: chosen.value, next: "u0", upto: "" };
      q.value = "";
      draw();
      ask();
    } else if (button) {
      const { value, name } = button;
      // A tap that trembles is one.
      if (Date.now() - tapped[value] < TWICE) { event.preventDefault(); return; }
      tapped[value] = Date.now();
      form.dataset.said = [button.parentElement.dataset.said, form.dataset[name]].join(" · ");
      mine[value] = { there: name === "there", number: number += 1 };
      navigator.vibrate?.(40);
    } else if (more.contains(target)) event.preventDefault();
  });
  on("submit", (event) => {
    const { target } = event;
    // After queue.js: the next tap is another act.
    if (target === form) {
      posting.renew(form);
      draw();
    } else if (target === find) {
      event.preventDefault();
      look();
    // First what waits, and not into nothing: an end that is tapped while a tick is on its way comes behind it.
    } else if (isWaiting() || !note.hidden) {
      event.preventDefault();
      isEnding = note.hidden;
    }
  });
  on("act", ({ detail: { request } }) => {
    draw();
    if (request === null) isEnding = false; // what waits says so
    if (!isEnding || isWaiting()) return;
    isEnding = false;
    end.submit();
  });
  unsent.addEventListener("click", () => setTimeout(() => { recall(); draw(); }));
  for (const name of ["touchstart", "touchmove", "mousedown", "scroll"]) {
    on(name, () => { touched = Date.now(); });
  }
  recall();
  posting.renew(form);
  draw();
  setInterval(ask, SOON);
})();
