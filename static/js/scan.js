/* A scanner that types, by USB or Bluetooth: whatever has the focus, the address of a pass and Enter sign its person in.
   Keys are read by their place, so that an input method or a caps lock garbles nothing. Nothing newer than Chromium 86. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-scan]"), typed = "";
  if (!form) return;

  function letter(event) {
    var code = event.code || "";
    if (/^(Key|Digit|Numpad)[A-Z0-9]$/.test(code)) return code.slice(-1);
    if (code === "Slash" || code === "NumpadDivide") return "/";
    return code ? "" : (/^[a-z0-9/]$/i.test(event.key) ? event.key.toUpperCase() : "");
  }

  function send(token) {
    var field = document.activeElement;
    // What the scanner has typed into a field is not what somebody wrote there.
    if (field && "value" in field && /\/p\//i.test(field.value)) {
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.elements.pass.value = token;
    // Each scan is an act of its own: somebody whose sign-in was voided meanwhile is signed in anew.
    form.elements.key.value = Date.now().toString(36) + Math.random().toString(36).slice(2, 12);
    form.querySelector("button").click();
  }

  window.scanning = { send: send }; // camera.js
  // Browsers lend a camera to pages over https alone, and to those of their own machine.
  if (window.isSecureContext && navigator.mediaDevices) {
    document.querySelectorAll("[data-camera]").forEach(function (link) { link.hidden = false; });
  }

  // Before composing.js, which lets nobody hear a key that an input method has taken: a scanner does not compose.
  window.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
    if (event.code !== "Enter" && event.code !== "NumpadEnter" && event.key !== "Enter" && event.key !== "Tab") {
      typed = (typed + letter(event)).slice(-60);
      return;
    }
    var pass = /\/P\/([A-Z2-7]{32})$/.exec(typed);
    typed = "";
    if (!pass) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(pass[1].toLowerCase());
  }, true);
})();
