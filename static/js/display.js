/* The door display: stays awake where the browser can, says when its count is old, follows the event's settings. */
(function () {
  "use strict";
  var stale = document.getElementById("stale"), hint = document.getElementById("awake");
  var grid = document.querySelector("[data-settings]");

  function platform() {
    var agent = navigator.userAgent;
    // An iPad calls itself a Macintosh, but no Macintosh has a touch screen.
    if (/iPad|iPhone/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "apple";
    if (/Android|HarmonyOS/.test(agent)) return "android";
    if (/Windows/.test(agent)) return "windows";
    return /Macintosh/.test(agent) ? "mac" : "other";
  }

  function advise() {
    try { if (sessionStorage.getItem("awake-done")) return; } catch (refused) { /* then it is shown again */ }
    hint.querySelector('[data-platform="' + platform() + '"]').hidden = false;
    hint.hidden = false;
    hint.querySelector("button").addEventListener("click", function () {
      hint.hidden = true;
      try { sessionStorage.setItem("awake-done", "1"); } catch (refused) { /* asked again after a reload */ }
    });
  }

  function stayAwake() {
    if (document.visibilityState !== "visible") return;
    navigator.wakeLock.request("screen").then(function () { hint.hidden = true; }, advise);
  }

  if ("wakeLock" in navigator) {
    stayAwake();
    document.addEventListener("visibilitychange", stayAwake);
  } else {
    advise(); // plain HTTP has no wake lock
  }

  function lost() { stale.hidden = false; }
  ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"].forEach(function (name) { document.body.addEventListener(name, lost); });
  document.body.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status < 500) location.reload(); // revoked or over: the page itself says so
    lost();
  });
  document.body.addEventListener("htmx:afterSwap", function () {
    stale.hidden = true;
    var state = document.getElementById("door-state");
    if (!state || state.dataset.settings !== grid.dataset.settings) location.reload();
  });
})();
