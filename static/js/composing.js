// An input method composes characters out of what is typed. Until it has, nobody hears of it: no key, no search, no
// Enter that sends; then the field says once that it has changed. On every page, for every field; what is sent by a tap
// on its button is sent. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const held = [], on = (name, act) => addEventListener(name, act, true);
  let field = null;
  const composes = (event) => event.isComposing || (field && field === document.activeElement);
  for (const name of ["keydown", "keyup", "input"]) on(name, (event) => {
    const isEnter = event.key === "Enter";
    // 229 is a key that the input method has taken; Safari says so just after the characters are there.
    if (!composes(event) && !(isEnter && event.keyCode === 229)) return;
    event.stopImmediatePropagation();
    if (isEnter) event.preventDefault();
  });
  // What htmx asks by itself, and a search that was about to begin, could have the field in it: they wait as well.
  on("htmx:confirm", (event) => {
    if (!composes(event)) return;
    event.preventDefault();
    held.push(event.detail);
  });
  on("compositionstart", ({ target }) => { field = target; });
  on("compositionend", ({ target }) => {
    field = null;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    for (const one of held.splice(0)) one.issueRequest(true);
  });
})();
