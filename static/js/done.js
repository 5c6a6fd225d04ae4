// Signed in: what was typed for this event is forgotten on this phone, and Back never shows a stale form; where the
// button to sign out is to come, it comes by itself. Where a steward confirms, the page asks how it stands, the more
// seldom the longer it takes, and shows itself anew once that has changed.
(function () {
  "use strict";
  try { sessionStorage.clear(); } catch (refused) { /* storage is refused: then nothing was kept either */ }
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.reload(); });
  var later = document.querySelector("[data-later]"), wait = later ? Number(later.dataset.later) * 1000 : 0;
  var stands = document.querySelector("[data-state]"), SOON = 4000, LATER = 15000, asked = 0;
  function ask() {
    asked += 1;
    // A confirmation is taken back at once, or not at all.
    if (asked > 30 && stands.dataset.state === "arrived") return;
    setTimeout(ask, asked < 30 ? SOON : LATER);
    if (document.hidden) return;
    var request = new XMLHttpRequest();
    request.open("GET", stands.dataset.from);
    request.onload = function () { if (request.status === 200 && request.responseText !== stands.dataset.state) location.reload(); };
    request.send();
  }
  if (stands) {
    setTimeout(ask, SOON);
    document.addEventListener("visibilitychange", function () { if (!document.hidden) asked = 0; });
  }
  if (wait > 0 && wait < 86400000) setTimeout(function () { location.reload(); }, wait);
})();
