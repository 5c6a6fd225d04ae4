// A head-count: a tap counts at once, whatever the network does, and the number follows the other phones.
// What is tapped is sent by queue.js. Without this script the buttons are ordinary ones of a form.
// Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const POLL = 2000, TIMEOUT = 8000;
  const byId = (id) => document.getElementById(id);
  const form = byId("count"), unsent = byId("unsent"), shown = byId("count-number"), note = byId("count-lost");
  // window.posting: post.js.
  const posting = window.posting;
  if (!posting || !unsent) return;
  let count = Number(shown.dataset.count), timer = 0;

  // What was tapped and waits, one more and one less together.
  function waiting() {
    let sum = 0;
    try {
      for (const { url, body, why } of JSON.parse(localStorage.getItem("queue-" + unsent.dataset.home)) || []) {
        if (url === form.getAttribute("action") && !why) sum += Number(new URLSearchParams(body).get("step"));
      }
    } catch (refused) { /* private mode: the number follows when it is sent */ }
    return sum;
  }
  function draw() { shown.textContent = Math.max(0, count + waiting()); }
  function read(text) {
    const answer = new DOMParser().parseFromString(text, "text/html").getElementById("answer");
    if (answer) count = Number(answer.dataset.count);
    draw();
  }

  function ask() {
    const request = new XMLHttpRequest();
    clearTimeout(timer);
    request.open("GET", form.dataset.number + "?seen=" + count);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = TIMEOUT;
    request.onloadend = () => {
      const { status } = request;
      // The page says why.
      if (status > 204 && status < 500) { location.reload(); return; }
      note.hidden = Boolean(status) && status < 500;
      // Nothing new is news as well: what was tapped before may have come to it.
      read(request.responseText);
      clearTimeout(timer);
      timer = setTimeout(ask, POLL);
    };
    request.send();
  }

  form.addEventListener("click", ({ target }) => {
    const button = target.closest("[name=step]");
    if (button) form.dataset.said = button.textContent;
    if (button && navigator.vibrate) navigator.vibrate(30);
  });
  // After queue.js: the next tap is another act.
  document.addEventListener("submit", ({ target }) => {
    if (target !== form) return;
    posting.renew(form);
    draw();
  });
  document.addEventListener("act", ({ detail: { request, sent } }) => {
    if (request && request.status === 200) read(request.responseText); else if (sent) ask(); else draw();
  });
  unsent.addEventListener("click", () => setTimeout(draw));

  posting.renew(form);
  draw();
  timer = setTimeout(ask, POLL);
})();
