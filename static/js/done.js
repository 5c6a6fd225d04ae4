/* Signed in: what was typed for this event is forgotten on this phone, and Back never shows a stale form. */
(function () {
  "use strict";
  try { sessionStorage.clear(); } catch (refused) { /* storage is refused: then nothing was kept either */ }
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.reload(); });
})();
