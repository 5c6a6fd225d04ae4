/* The wall: what has just come glides in, and what stood there already stays still. */
(function () {
  "use strict";
  function all() { return Array.prototype.slice.call(document.querySelectorAll("[data-key]")); }
  function key(one) { return one.tagName + one.id + one.dataset.key; }
  var known = all().map(key);
  document.body.addEventListener("htmx:afterSwap", function () {
    all().forEach(function (one) { one.classList.toggle("is-new", known.indexOf(key(one)) < 0); });
    known = all().map(key);
  });
})();
