/* The box to sign in. Its lines are kept here as points, so that turning the phone, or whatever changes the size of the
   box, draws them anew instead of wiping them. Where signature_pad has not arrived the field for the name stands there.
   Nothing newer than Chromium 86 and iOS 14. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-draw]"), MOST = 2400, SIDE = 4000, TIMEOUT = 15000;
  var FIRST_WAIT = 1500, LONGEST_WAIT = 8000;
  if (!form || !window.SignaturePad || !window.posting) return;
  var canvas = form.querySelector("canvas"), hint = form.querySelector(".sign__hint"), note = document.getElementById("network");
  var button = form.querySelector(".submit button"), lines = [], undone = [], home, view, isSending = false;
  var isDown = false, hasTurned = false;
  document.body.classList.add("is-drawing");
  var pad = new window.SignaturePad(canvas, { minWidth: 1, maxWidth: 2.6, penColor: "#111" });

  // The box that all lines lie in: the first one's size, and what was drawn beyond it since.
  function bounds() {
    var box = { left: 0, top: 0, right: home.width, bottom: home.height };
    lines.forEach(function (line) {
      line.points.forEach(function (point) {
        box.left = Math.min(box.left, point.x); box.right = Math.max(box.right, point.x);
        box.top = Math.min(box.top, point.y); box.bottom = Math.max(box.bottom, point.y);
      });
    });
    return box;
  }

  function moved(line, move) {
    return Object.assign({}, line, { points: line.points.map(function (point) { return Object.assign({}, point, move(point)); }) });
  }

  function draw() {
    pad.clear();
    pad.fromData(lines.map(function (line) {
      return moved(line, function (point) { return { x: point.x * view.step + view.x, y: point.y * view.step + view.y }; });
    }));
    hint.hidden = lines.length > 0;
  }

  // Never under a line that is being drawn, which would be wiped with it: then as soon as it is there.
  function fit() {
    hasTurned = isDown;
    if (isDown) return;
    var shown = canvas.getBoundingClientRect(), ratio = Math.max(window.devicePixelRatio || 1, 1);
    if (!shown.width || !shown.height) return;
    canvas.width = shown.width * ratio;
    canvas.height = shown.height * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    if (!lines.length) home = { width: shown.width, height: shown.height };
    var box = bounds(), wide = box.right - box.left, high = box.bottom - box.top;
    var step = Math.min(shown.width / wide, shown.height / high);
    view = { step: step, x: (shown.width - wide * step) / 2 - box.left * step, y: (shown.height - high * step) / 2 - box.top * step };
    draw();
  }

  pad.addEventListener("beginStroke", function () { isDown = hint.hidden = true; });
  pad.addEventListener("endStroke", function () {
    var drawn = pad.toData();
    isDown = false;
    if (drawn.length) lines.push(moved(drawn[drawn.length - 1], function (point) {
      return { x: (point.x - view.x) / view.step, y: (point.y - view.y) / view.step };
    }));
    undone = [];
    say("");
    if (hasTurned) fit();
  });
  form.addEventListener("click", function (event) {
    var tapped = event.target.closest("[data-do]");
    if (!tapped) return;
    var asked = tapped.dataset.do;
    if (asked === "undo" && lines.length) undone.push(lines.pop());
    if (asked === "redo" && undone.length) lines.push(undone.pop());
    if (asked === "clear") { undone = lines.reverse(); lines = []; }
    draw();
  });

  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }

  // Points on a grid, as the server keeps them (kiosk/jobs/ink): no times, no pressure, and not too many.
  function asText() {
    var box = bounds(), step = SIDE / Math.max(box.right - box.left, box.bottom - box.top), count = 0;
    lines.forEach(function (line) { count += line.points.length; });
    var every = Math.ceil(count / MOST);
    return lines.map(function (line) {
      return line.points.filter(function (_point, at) { return at % every === 0 || at === line.points.length - 1; })
        .map(function (point) { return Math.round((point.x - box.left) * step) + "." + Math.round((point.y - box.top) * step); })
        .join(".");
    }).join("*");
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (isSending) return;
    if (!lines.length) { say(form.dataset.empty); return; }
    form.elements.drawn.value = asText();
    isSending = true;
    send({ url: form.action, body: window.posting.bodyOf(form).toString(), button: button, timeout: TIMEOUT }, 1);
  });

  // At a station the next one stands there: it tries once. A phone tries until it is through.
  function send(sent, tries) {
    window.posting.once(sent, function (request) {
      if (request.status && request.status < 500) { show(request); return; }
      var isOnce = document.querySelector("[data-station]");
      say(isOnce ? form.dataset.once : form.dataset.retrying);
      isSending = !isOnce;
      if (isOnce) return;
      window.posting.busy(button, true);
      setTimeout(function () { send(sent, tries + 1); }, Math.min(FIRST_WAIT * tries, LONGEST_WAIT));
    });
  }

  function show(request) {
    isSending = false;
    if (request.status < 300 && request.responseURL !== form.action) { location.replace(request.responseURL); return; }
    document.body.classList.remove("is-drawing");
    document.getElementById("main").innerHTML = window.posting.pageOf(request).getElementById("main").innerHTML;
  }

  window.addEventListener("resize", fit);
  if (window.ResizeObserver) new ResizeObserver(fit).observe(canvas);
  fit();
})();
