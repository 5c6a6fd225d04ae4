// What htmx asks by itself, and a search that was about to begin, could have a field in it that an input method still
// composes (composing.js): they wait for its end. On every page with htmx. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const held = [];
  addEventListener("htmx:confirm", (event) => {
    if (!window.composes?.(event)) return;
    event.preventDefault();
    held.push(event.detail);
  }, true);
  addEventListener("compositionend", () => { for (const one of held.splice(0)) one.issueRequest(true); });
})();
