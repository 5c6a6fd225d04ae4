// What a steward's phone did without a network, and whose link is dead by now (queue.js): said once, and kept nowhere.
// Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const lost = document.getElementById("lost"), place = "queue-" + location.pathname.split("/").slice(0, 3).join("/");
  let acts = [];
  if (!lost) return;
  try {
    acts = JSON.parse(localStorage.getItem(place)) || [];
    localStorage.removeItem(place);
  } catch (refused) { return; }
  for (const { said } of acts) lost.querySelector("ul").insertAdjacentHTML("beforeend", "<li></li>");
  [...lost.querySelectorAll("li")].forEach((line, at) => { line.textContent = acts[at].said; });
  lost.hidden = !acts.length;
})();
