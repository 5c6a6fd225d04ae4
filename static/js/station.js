/* The station returns to its start after a minute without a touch, and keeps nothing of the last person. */
(function () {
  "use strict";
  var last = Date.now(), start = document.querySelector("[data-station]");
  if (!start) return;
  // The success page goes sooner, touched or not; replaced, so that Back shows nobody's name.
  var longest = Number(start.dataset.after) || 60000;
  function touched() { if (!start.dataset.after) last = Date.now(); }
  ["pointerdown", "keydown", "input", "compositionupdate", "scroll"].forEach(function (name) {
    document.addEventListener(name, touched, { capture: true, passive: true });
  });
  function look() {
    // A sign-in that waits for the network is not thrown away.
    var isSending = document.querySelector('[aria-busy="true"]');
    if (Date.now() - last >= longest && !isSending) location.replace(start.dataset.station);
  }
  start.addEventListener("click", function (event) {
    var link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    location.replace(link.href);
  });
  // Back stays here: what was before the station is the desk's. Without this the server leads back from its log-in.
  function hold() { history.pushState("station", ""); }
  hold();
  window.addEventListener("popstate", hold);
  setInterval(look, 250);
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) location.replace(start.dataset.station); });
})();
