/* The station returns to its start after a minute without a touch, and keeps nothing of the last person: no page of theirs
   in the history, none in the browser's store of pages, none on the screen while the network is away. */
(function () {
  "use strict";
  var last = Date.now(), isLeaving = false, start = document.querySelector("[data-station]");
  if (!start) return;
  // The success page goes sooner, touched or not.
  var home = start.dataset.station, longest = Number(start.dataset.after) || 60000;
  var isClean = location.pathname + location.search === home;
  function touched() {
    isClean = false;
    if (!start.dataset.after) last = Date.now();
  }
  ["pointerdown", "keydown", "input", "compositionupdate", "scroll"].forEach(function (name) {
    document.addEventListener(name, touched, { capture: true, passive: true });
  });
  function wipe() { document.getElementById("main").textContent = ""; }
  // The start, as soon as the network has it: the browser's own page of an error would never return by itself.
  function leave() {
    var asked = new XMLHttpRequest();
    isLeaving = true;
    if (!isClean) wipe();
    asked.open("GET", home);
    asked.timeout = 10000;
    asked.onload = function () { location.replace(home); };
    asked.onerror = asked.ontimeout = function () { setTimeout(leave, 3000); };
    asked.send();
  }
  function look() {
    // A sign-in that waits for the network is not thrown away.
    var isSending = document.querySelector('[aria-busy="true"]');
    if (!isLeaving && !isSending && Date.now() - last >= longest) leave();
  }
  // A station that follows the agenda moves on to another event only between two people: while nobody has touched its start.
  function follow() {
    var asked = new XMLHttpRequest();
    if (!isClean || isLeaving) return;
    asked.open("GET", start.dataset.follows);
    asked.timeout = 4000;
    asked.onload = function () {
      if (!isClean || asked.status >= 500) return;
      if (asked.status !== 200 || JSON.parse(asked.responseText).code !== start.dataset.code) location.replace(home);
    };
    asked.send();
  }
  if (start.dataset.follows) setInterval(follow, 5000);
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || link.getAttribute("href")[0] === "#") return;
    event.preventDefault();
    location.replace(link.href);
  });
  // In the history every page of the station is its start. Back stays here: what was before the station is the desk's,
  // and without this the server leads back from its log-in.
  try { sessionStorage.clear(); } catch (refused) { /* then nothing was kept either */ }
  function hold() { history.pushState("station", "", home); }
  history.replaceState("station", "", home);
  hold();
  window.addEventListener("popstate", hold);
  setInterval(look, 250);
  window.addEventListener("pagehide", wipe);
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.replace(home); });
})();
