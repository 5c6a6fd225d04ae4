// A roll call on a phone or a tablet: a tap ticks at once, whatever the network does, and the list follows the others.
// What is tapped is sent by queue.js. Without this script every row is an ordinary button of a form.
// Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const POLL = 2000, CALM = 1500, TWICE = 350, TIMEOUT = 8000;
  const byId = (id) => document.getElementById(id);
  // window.posting: post.js.
  const form = byId("roll"), end = byId("roll-end"), unsent = byId("unsent"), note = byId("roll-lost"), parts = form.elements.part, posting = window.posting;
  if (!posting || !unsent) return;
  // What was tapped and the list does not show yet: by person, with a number that grows.
  const mine = {}, tapped = {};
  let number = 0, touched = 0, news = null, isEnding = false;

  const all = (what) => Array.from(form.querySelectorAll(what));
  // The second box of what queue.js shows is of those that wait; the first one's were refused.
  const isWaiting = () => !unsent.hidden && !unsent.lastElementChild.hidden;

  // What waits since before this page was opened, or still does.
  function recall() {
    for (const id of Object.keys(mine)) delete mine[id];
    try {
      for (const { url, body, why } of JSON.parse(localStorage.getItem("queue-" + unsent.dataset.home)) || []) {
        const act = new URLSearchParams(body), id = act.get("there") || act.get("gone");
        if (url === form.getAttribute("action") && !why) mine[id] = { there: act.has("there"), number: number += 1 };
      }
    } catch (refused) { /* private mode: the page has it */ }
  }

  // What is seen: the server's list, and over it what was tapped since.
  function draw() {
    const more = { "": 0 }, list = byId("roll-list"), count = byId("roll-count"), part = parts.value;
    for (const row of all(".roll__row")) {
      const { id, there } = row.dataset, was = there === "1", is = id in mine ? mine[id].there : was;
      const its = row.dataset.parts.split(" "), button = row.firstElementChild;
      button.setAttribute("aria-pressed", is);
      button.name = is ? "gone" : "there";
      row.classList.toggle("roll__waits", id in mine && isWaiting());
      row.hidden = Boolean(part) && !its.includes(part);
      for (const key of [...its, ""]) more[key] = (more[key] || 0) + (is - was);
    }
    lack(list.dataset.absent - more[""], count);
    count.classList.toggle("roll__count--all", Number(list.dataset.absent) === more[""]);
    for (const chip of all("[data-part]")) {
      const { part: key, absent } = chip.dataset, isChosen = key === part;
      chip.classList.toggle("button--chosen", isChosen);
      if (isChosen) chip.setAttribute("aria-current", "true"); else chip.removeAttribute("aria-current");
      if (key) lack(absent - (more[key] || 0), chip);
    }
    // A half of which nobody is shown has no heading.
    for (const people of all(".roll__people")) {
      people.previousElementSibling.hidden = !people.querySelector(".roll__row:not([hidden])");
    }
  }
  function lack(absent, place) {
    const words = place.querySelector("[data-lacks]");
    words.textContent = absent > 0 ? words.dataset.lacks.replace("{n}", absent) : words.dataset.all;
  }

  // The others' ticks: asked for often, answered with nothing while nothing has changed. No list moves under a thumb.
  function ask() {
    const request = new XMLHttpRequest(), before = isWaiting() ? 0 : number;
    request.open("GET", form.dataset.list + "?seen=" + byId("roll-list").dataset.revision);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = TIMEOUT;
    request.onloadend = () => {
      const { status } = request;
      // Nothing new is news as well: what was tapped before has come to what the list shows.
      if (status === 200 || status === 204) news = { text: request.responseText, before };
      // The page says why.
      else if (status && status < 500) { location.reload(); return; }
      note.hidden = Boolean(status) && status < 500;
      follow();
      setTimeout(ask, POLL);
    };
    request.send();
  }
  function follow() {
    if (!news || Date.now() - touched < CALM) return;
    const at = document.activeElement && document.activeElement.value;
    if (news.text) byId("roll-list").outerHTML = news.text;
    for (const id of Object.keys(mine)) if (mine[id].number <= news.before) delete mine[id];
    news = null;
    if (byId("roll-list").dataset.over === "1") { location.reload(); return; }
    draw();
    const again = at && form.querySelector('.roll__person[value="' + at + '"]');
    if (again) again.focus({ preventScroll: true });
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest(".roll__person"), chip = event.target.closest("[data-part]");
    if (chip) {
      event.preventDefault();
      parts.value = chip.dataset.part;
      draw();
    } else if (button) {
      const { value, name } = button;
      // A tap that trembles is one.
      if (Date.now() - tapped[value] < TWICE) { event.preventDefault(); return; }
      tapped[value] = Date.now();
      form.dataset.said = [button.parentElement.dataset.said, form.dataset[name]].join(" · ");
      mine[value] = { there: name === "there", number: number += 1 };
      if (navigator.vibrate) navigator.vibrate(40);
    }
  });
  // After queue.js: the next tap is another act.
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    posting.renew(form);
    draw();
  });
  document.addEventListener("act", ({ detail: { request } }) => {
    draw();
    if (request === null) isEnding = false; // what waits says so
    if (!isEnding || isWaiting()) return;
    isEnding = false;
    end.submit();
  });
  unsent.addEventListener("click", () => setTimeout(() => { recall(); draw(); }));
  for (const name of ["touchstart", "touchmove", "mousedown", "scroll"]) {
    document.addEventListener(name, () => { touched = Date.now(); }, { passive: true });
  }
  // First what waits, and not into nothing: an end that is tapped while a tick is on its way comes behind it.
  end.addEventListener("submit", (event) => {
    if (note.hidden && !isWaiting()) return;
    event.preventDefault();
    isEnding = note.hidden;
  });

  recall();
  posting.renew(form);
  draw();
  setTimeout(ask, POLL);
})();
