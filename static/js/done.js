/* Signed in: what was typed for this event is forgotten on this phone, and Back never shows a stale form; where the
   button to sign out is to come, it comes by itself. */
(function () {
  "use strict";
  try { sessionStorage.clear(); } catch (refused) { /* storage is refused: then nothing was kept either */ }
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.reload(); });
  var later = document.querySelector("[data-later]"), wait = later ? Number(later.dataset.later) * 1000 : 0;
  if (wait > 0 && wait < 86400000) setTimeout(function () { location.reload(); }, wait);
})();
