/* The station returns to its start after a minute without a touch, and keeps nothing of the last person. */
(function () {
  "use strict";
  var LONGEST = 60000, last = Date.now(), start = document.querySelector("[data-station]");
  if (!start) return;
  function touched() { last = Date.now(); }
  ["pointerdown", "keydown", "input", "scroll"].forEach(function (name) {
    document.addEventListener(name, touched, { capture: true, passive: true });
  });
  function look() {
    // A sign-in that waits for the network is not thrown away.
    var isSending = document.querySelector('[aria-busy="true"]');
    if (Date.now() - last >= LONGEST && !isSending) location.replace(start.dataset.station);
  }
  setInterval(look, 1000);
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.replace(start.dataset.station); });
})();
