// Copies the text of an element: by the clipboard where there is one, by a selection over plain HTTP. Without this
// script the text can be selected by hand.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const said = () => { button.lastElementChild.textContent = button.dataset.copied; };
    const bySelection = () => {
      const selection = getSelection(), range = document.createRange();
      range.selectNodeContents(source);
      selection.removeAllRanges();
      selection.addRange(range);
      if (document.execCommand("copy")) said();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(source.textContent).then(said, bySelection);
    else bySelection();
  });
})();
