// Copies the text of an element: by the clipboard where there is one, by a selection over plain HTTP; shares an address
// where the engine can (not over plain HTTP either). Without this script the text can be selected by hand.
(() => {
  "use strict";
  document.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  if (navigator.share) document.querySelectorAll("[data-share]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-share]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy || button.dataset.share);
    if (button.dataset.share) {
      navigator.share({ title: button.dataset.title, url: source.textContent }).catch(() => { /* put away again */ });
      return;
    }
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
