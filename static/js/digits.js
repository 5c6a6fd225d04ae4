/* The digits of a rotating code: they change by the server's clock, whatever this screen's says, and those that are over
   do not stay. Without this script the page loads anew by itself. */
(function () {
  "use strict";
  var GRACE = 1500, AGAIN = 1000, IDLE = 4000, TIMEOUT = 4000;
  var box = document.getElementById("digits"), now = box.querySelector(".digits__now");
  var bar = box.querySelector(".digits__time rect"), every = Number(box.dataset.every) * 1000;
  var left = Number(box.dataset.left) * 1000, has = left > 0, isAsking = false, askAt = 0;
  // Two clocks, and the one that went on further counts: the first stands still while a tablet sleeps, the other can be set.
  var clocks = [function () { return performance.now(); }, function () { return Date.now(); }];
  var began = [0, Date.now() - performance.now()]; // the page was asked for then

  function stamps() { return clocks.map(function (clock) { return clock(); }); }
  function since(start) { return Math.max.apply(null, stamps().map(function (at, n) { return at - start[n]; })); }
  function put(state) {
    ["none", "lost"].forEach(function (one) { box.classList.toggle("digits--" + one, one === state); });
    if (state) now.textContent = "";
  }

  function show(answer, start) {
    began = start;
    has = answer.digits !== null;
    left = has ? answer.seconds_left * 1000 : 0;
    put(has ? "" : "none");
    if (!has) return;
    now.textContent = "";
    [answer.digits.slice(0, 3), answer.digits.slice(3)].forEach(function (half) {
      if (now.firstChild) now.appendChild(document.createTextNode(" "));
      now.appendChild(document.createElement("span")).textContent = half;
    });
  }

  function ask() {
    var request = new XMLHttpRequest(), start = stamps();
    isAsking = true;
    function over() { isAsking = false; askAt = performance.now() + AGAIN; }
    request.open("GET", box.dataset.now);
    request.timeout = TIMEOUT;
    request.onerror = request.ontimeout = over;
    request.onload = function () {
      var answer;
      over();
      if (request.status !== 200) return; // what is wrong, display.js finds out
      try { answer = JSON.parse(request.responseText); } catch (broken) { return; }
      show(answer, start);
      askAt = performance.now() + (has ? 200 : IDLE);
    };
    request.send();
  }

  function tick() {
    var rest = left - since(began);
    if (has) bar.style.transform = "scaleX(" + Math.max(0, Math.min(1, rest / every)) + ")";
    if (has && rest < -GRACE) { has = false; put("lost"); }
    if (rest <= 0 && !isAsking && performance.now() >= askAt) ask();
  }

  setInterval(tick, 200);
  document.addEventListener("visibilitychange", tick);
  tick();
})();
