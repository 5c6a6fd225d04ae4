/* The steward's phone: searches while typing, answers with the whole screen, keeps what the network did not take.
   Without this script the forms are ordinary ones. Nothing newer than Chromium 86 and iOS 14. */
(function () {
  "use strict";
  var SCREEN = 1000, TOAST = 5000, TIMEOUT = 8000, WAIT = 250, posting = window.posting; // post.js
  if (!posting) return;
  var BUZZ = { ok: [80], repeat: [60, 80, 60], undo: [40, 40, 40], bad: [350] };
  var TONE = { ok: [[880, 0.12]], repeat: [[440, 0.1], [440, 0.1]], undo: [[660, 0.1], [330, 0.15]], bad: [[196, 0.4]] };
  var byId = function (id) { return document.getElementById(id); };
  var main = byId("main"), answers = byId("answers"), list = byId("unsent"), find = byId("find"), last = "";
  var home = main.dataset.home, kept = "unsent-" + home, unsent = [], busy = {}, timers = [], pressed = null, sound = null;
  document.documentElement.classList.add("js");

  // --- the answer: the whole screen for a second, then a toast with the undo; colour, word, sound, vibration
  function beep(tone) {
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    try {
      sound = sound || new Context();
      if (sound.state === "suspended") sound.resume();
      var at = sound.currentTime;
      TONE[tone].forEach(function (note) {
        var voice = sound.createOscillator(), loudness = sound.createGain();
        voice.frequency.value = note[0];
        loudness.gain.setValueAtTime(0.25, at);
        loudness.gain.linearRampToValueAtTime(0, at + note[1]);
        voice.connect(loudness);
        loudness.connect(sound.destination);
        voice.start(at);
        voice.stop(at + note[1]);
        at += note[1] + 0.06;
      });
    } catch (refused) { /* no sound is no reason to stop */ }
  }

  function present() {
    var answer = byId("answer");
    if (!answer) return;
    timers.forEach(clearTimeout);
    var tone = answer.dataset.tone;
    answer.classList.add("is-screen");
    if (navigator.vibrate) navigator.vibrate(BUZZ[tone]);
    beep(tone);
    timers = [
      setTimeout(function () { answer.classList.remove("is-screen"); answer.classList.add("is-toast"); }, SCREEN),
      setTimeout(function () { answers.textContent = ""; }, SCREEN + TOAST)
    ];
    answer.querySelector(".answer__screen").addEventListener("click", function () {
      answer.classList.remove("is-screen");
      answer.classList.add("is-toast");
    });
  }

  function next() { // the field is for the next person
    if (!byId("answer") || !find) return;
    byId("q").value = "";
    byId("q").focus();
  }

  function say(tone, word, line) {
    answers.innerHTML = '<div class="answer" id="answer"><div class="answer__screen"><p class="answer__word"></p>' +
      '<p class="answer__line"></p></div><div class="answer__toast"><span></span></div></div>';
    var answer = byId("answer");
    answer.classList.add("answer--" + tone);
    answer.dataset.tone = tone;
    answer.querySelector(".answer__word").textContent = word;
    answer.querySelector(".answer__line").textContent = line;
    answer.querySelector(".answer__toast span").textContent = word;
    present();
  }

  // --- what was not sent: counted in the header, sent again on a tap, with the same key
  function keep() {
    try {
      if (unsent.length) sessionStorage.setItem(kept, JSON.stringify(unsent));
      else sessionStorage.removeItem(kept);
    } catch (refused) { /* private mode: the memory has it */ }
    list.hidden = !unsent.length;
    list.textContent = "";
    if (!unsent.length) return;
    var count = document.createElement("p"), rows = document.createElement("ul");
    count.className = "unsent__count";
    count.textContent = list.dataset.count.replace("{n}", unsent.length);
    unsent.forEach(function (act) {
      var row = document.createElement("li"), said = document.createElement("span"), again = document.createElement("button");
      said.textContent = act.said;
      again.className = "button";
      again.textContent = list.dataset.again;
      again.addEventListener("click", function () { send(act, again); });
      row.appendChild(said);
      row.appendChild(again);
      rows.appendChild(row);
    });
    list.appendChild(count);
    list.appendChild(rows);
  }

  function isSame(one, other) { return one.url === other.url && one.body === other.body; }
  function drop(act) { unsent = unsent.filter(function (one) { return !isSame(one, act); }); keep(); }
  function lose(act) {
    if (!unsent.some(function (one) { return isSame(one, act); })) unsent.push(act);
    keep();
    say("bad", main.dataset.lost, main.dataset.lostLine);
  }

  function send(act, button) {
    var mark = act.url + act.body;
    if (busy[mark]) return;
    busy[mark] = true;
    var sent = { url: act.url, body: act.body, button: button, timeout: TIMEOUT, isPart: !act.leaves };
    posting.once(sent, function (request) {
      delete busy[mark];
      drop(act);
      show(act, request);
    }, function () {
      delete busy[mark];
      lose(act);
    });
  }

  function show(act, request) {
    if (request.status === 403) { location.replace(home); return; } // the link is dead: the page says so
    if (request.status === 422) {
      main.innerHTML = posting.pageOf(request).getElementById("main").innerHTML;
      find = byId("find");
      var bad = main.querySelector("[aria-invalid]");
      if (bad) bad.focus(); else scrollTo(0, 0);
      return;
    }
    if (request.status >= 400) { say("bad", main.dataset.failed, ""); return; }
    if (act.leaves) { location.replace(request.responseURL); return; }
    answers.innerHTML = request.responseText;
    present();
    next();
    look(true);
  }

  // --- searching: nobody is shown before two characters, that is the server's rule. After an answer the same is asked
  // again, by what was searched for or the organisation that is open, while the field is empty for the next person.
  var asked = null, typing = 0;
  function look(isAgain) {
    var form = byId("again") || find;
    if (!form) return;
    if (asked) asked.abort();
    if (form !== find || !isAgain) last = posting.bodyOf(form);
    asked = posting.once({ url: form.action, body: last, timeout: TIMEOUT }, function (request) {
      if (request.status === 403) { location.replace(home); return; }
      var page = posting.pageOf(request);
      if (!page.getElementById("rows")) return;
      byId("rows").innerHTML = page.getElementById("rows").innerHTML;
      byId("counts").innerHTML = page.getElementById("counts").innerHTML;
    }, function () {
      if (isAgain || !find) return;
      byId("rows").innerHTML = '<p class="notice notice--warn"></p>';
      byId("rows").firstChild.textContent = find.dataset.lost;
    });
  }
  document.addEventListener("input", function (event) {
    if (event.target.id !== "q") return;
    clearTimeout(typing);
    typing = setTimeout(look, WAIT);
  });
  document.addEventListener("compositionstart", function () { clearTimeout(typing); }); // its end is heard as input
  document.addEventListener("focusin", function (event) { if (event.target.id === "q") event.target.select(); });

  document.addEventListener("click", function (event) { pressed = event.target.closest("button"); }, true);
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form === find) { event.preventDefault(); clearTimeout(typing); look(); return; }
    if (!("hand" in form.dataset)) return;
    event.preventDefault();
    var name = form.elements.name && form.elements.name.value;
    send({
      url: form.getAttribute("action"), body: posting.bodyOf(form, pressed), leaves: "leaves" in form.dataset,
      said: form.dataset.said + (name ? " · " + name : "")
    }, form.querySelector("button"));
  });
  window.addEventListener("pageshow", function (shown) { if (shown.persisted) look(true); }); // keys are used once

  // Browsers lend a camera to pages over https alone, and to those of their own machine.
  if (window.isSecureContext && navigator.mediaDevices && byId("open-camera")) byId("open-camera").hidden = false;

  try { unsent = JSON.parse(sessionStorage.getItem(kept) || "[]"); } catch (refused) { unsent = []; }
  if (find) last = posting.bodyOf(find);
  keep();
  present();
  next();
})();
