// A scanner that types, by USB or Bluetooth: whatever has the focus, the address of a pass and Enter sign its person in.
// Keys are read by their place, so that an input method or a caps lock garbles nothing. Nothing newer than Chromium 86.
(() => {
  "use strict";
  const form = document.querySelector("form[data-scan]");
  let typed = "";
  if (!form) return;
  window.scan = (pass) => {
    const field = document.activeElement;
    // What the scanner has typed into a field is not what somebody wrote there.
    if (/\/p\//i.test(field.value)) {
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.elements.pass.value = pass;
    // Each scan is an act of its own: somebody whose sign-in was voided meanwhile is signed in anew.
    form.elements.key.value = Date.now().toString(36) + Math.random();
    form.querySelector("button").click();
  };
  // Before composing.js, which lets nobody hear a key that an input method has taken: a scanner does not compose.
  addEventListener("keydown", (event) => {
    const key = event.code || event.key, pass = /\/P\/([A-Z2-7]{32})$/.exec(typed);
    if (/^(Key|Digit|Numpad)?\w$/.test(key)) typed = (typed + key.slice(-1).toUpperCase()).slice(-40);
    if (/^(Slash|\/)$/.test(key)) typed = (typed + "/").slice(-9);
    if (!/Enter|Tab/.test(key)) return;
    typed = "";
    if (!pass) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    scan(pass[1].toLowerCase());
  }, true);
})();
