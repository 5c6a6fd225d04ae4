/* A leader's list: one tap ticks all, the button says how many, a head-count says who is not there yet.
   Without this script the server says the same after a tap. Nothing newer than Chromium 86 and iOS 14. */
(function () {
  "use strict";
  var form = document.querySelector("[data-list], [data-count]");
  if (!form) return;
  var signedIn = form.querySelectorAll("[data-here]").length;
  var boxes = Array.prototype.slice.call(form.querySelectorAll(".person__box"));
  var all = form.querySelector("[data-all]");
  var button = form.querySelector("[data-words]");
  var tally = form.querySelector("[data-tally]");

  function say() {
    var away = boxes.filter(function (box) { return !box.checked; });
    if (button) button.textContent = button.dataset.words.replace("#", signedIn + boxes.length - away.length);
    if (tally) {
      var names = away.map(function (box) { return box.dataset.short; }).join("、");
      var words = away.length <= 3 ? tally.dataset.named.replace("@", names) : tally.dataset.left;
      tally.textContent = away.length ? words.replace("#", away.length) : tally.dataset.complete;
      tally.classList.toggle("tally--bad", away.length > 0 && away.length <= 3);
    }
  }

  if (all) all.addEventListener("click", function (event) {
    event.preventDefault();
    boxes.forEach(function (box) { if (!("excused" in box.dataset)) box.checked = true; });
    form.querySelector(".people").classList.add("people--marking");
    say();
  });
  form.addEventListener("change", say);
  window.addEventListener("pageshow", say);
  say();
})();
