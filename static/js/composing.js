// An input method composes characters out of what is typed. Until it has, nobody hears of it: no key, no search, no
// Enter that sends; then the field says once that it has changed. On every page, for every field; what is sent by a tap
// on its button is sent. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const on = (name, act) => addEventListener(name, act, true);
  let field = null;
  const composes = window.composes = (event) => event.isComposing || (field && field === document.activeElement);
  for (const name of ["keydown", "keyup", "input"]) on(name, (event) => {
    const isEnter = event.key === "Enter";
    // 229 is a key that the input method has taken; Safari says so just after the characters are there.
    if (!composes(event) && !(isEnter && event.keyCode === 229)) return;
    event.stopImmediatePropagation();
    if (isEnter) event.preventDefault();
  });
  on("compositionstart", ({ target }) => { field = target; });
  on("compositionend", ({ target }) => {
    field = null;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
