/* The early page counts down and becomes the form by itself. */
(function () {
  "use strict";
  var place = document.querySelector("[data-seconds]");
  if (!place) return;
  var end = Date.now() + Number(place.dataset.seconds) * 1000;
  function two(number) { return (number < 10 ? "0" : "") + number; }
  function tick() {
    var left = Math.max(0, Math.round((end - Date.now()) / 1000));
    var hours = Math.floor(left / 3600);
    place.textContent = (hours ? hours + ":" : "") + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    if (left > 0) { setTimeout(tick, 500); } else { location.reload(); }
  }
  tick();
})();
