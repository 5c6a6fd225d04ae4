// The steward's phone: answers with the whole screen, searches while typing. Without this script the forms are ordinary
// ones. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  // window.posting: post.js.
  const SCREEN = 1000, TOAST = 5000, TIMEOUT = 8000, WAIT = 250, posting = window.posting;
  if (!posting) return;
  const BUZZ = { ok: [80], repeat: [60, 80, 60], undo: [40, 40, 40], bad: [350] };
  const TONE = { ok: [[880, 0.12]], repeat: [[440, 0.1], [440, 0.1]], undo: [[660, 0.1], [330, 0.15]], bad: [[196, 0.4]] };
  const byId = (id) => document.getElementById(id), on = (name, act) => document.addEventListener(name, act);
  const main = byId("main"), answers = byId("answers"), home = main.dataset.home, seen = {};
  let find = byId("find"), last = "", timers = [], sound = null, asked = null, typing = 0;
  document.documentElement.classList.add("js");

  // The answer: the whole screen for a second, then a toast with the undo; colour, word, sound, vibration.
  function beep(tone) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    try {
      sound = sound || new Context();
      if (sound.state === "suspended") sound.resume();
      let at = sound.currentTime;
      for (const [pitch, length] of TONE[tone]) {
        const voice = sound.createOscillator(), loudness = sound.createGain();
        voice.frequency.value = pitch;
        loudness.gain.setValueAtTime(0.25, at);
        loudness.gain.linearRampToValueAtTime(0, at + length);
        voice.connect(loudness);
        loudness.connect(sound.destination);
        voice.start(at);
        voice.stop(at + length);
        at += length + 0.06;
      }
    } catch (refused) { /* no sound is no reason to stop */ }
  }

  function present() {
    const answer = byId("answer");
    if (!answer) return;
    const shrink = () => { answer.classList.replace("is-screen", "is-toast"); }, { tone } = answer.dataset;
    timers.forEach(clearTimeout);
    answer.classList.add("is-screen");
    if (navigator.vibrate) navigator.vibrate(BUZZ[tone]);
    beep(tone);
    timers = [setTimeout(shrink, SCREEN), setTimeout(() => { answers.textContent = ""; }, SCREEN + TOAST)];
    answer.firstElementChild.addEventListener("click", shrink);
  }

  // The field is for the next person.
  function next() {
    if (!byId("answer") || !find) return;
    byId("q").value = "";
    byId("q").focus();
  }

  // What the page says by itself stands in a template.
  function say(word, count) {
    answers.innerHTML = byId("says-" + word).innerHTML.replace("{n}", count);
    present();
  }

  on("act", ({ detail: { act, request, sent } }) => {
    if (sent) {
      say("sent", sent);
      look(true);
    } else if (!request) {
      say("kept");
      lay(act);
    } else if (request.status === 422) {
      main.innerHTML = posting.pageOf(request).getElementById("main").innerHTML;
      find = byId("find");
      const bad = main.querySelector("[aria-invalid]");
      if (bad) bad.focus(); else scrollTo(0, 0);
    } else if (request.status >= 400) say("failed");
    else if (act.leaves) location.replace(request.responseURL);
    else {
      answers.innerHTML = request.responseText;
      present();
      next();
      look(true);
    }
  });


  // Who waits to be confirmed: asked for again and again, shown anew only when it is somebody else.
  async function ask() {
    const list = byId("unconfirmed");
    if (!list) return;
    const answer = await fetch(list.firstElementChild.dataset.from).catch(Boolean);
    if (answer.status === 200 && !list.querySelector("[open]")) list.innerHTML = await answer.text();
  }
  setInterval(ask, 4000);
  on("act", ask);

  // Searching: nobody is shown before two characters, that is the server's rule. After an answer the same is asked
  // again, by what was searched for or the organisation that is open, while the field is empty for the next person.
  function look(isAgain) {
    const form = byId("again") || find;
    if (!form) return;
    if (asked) asked.abort();
    if (form !== find || !isAgain) last = posting.bodyOf(form);
    asked = posting.once({ url: form.action, body: last, timeout: TIMEOUT }, (request) => {
      if (request.status === 403) { location.replace(home); return; }
      const page = posting.pageOf(request);
      if (!page.getElementById("rows")) return;
      for (const id of ["rows", "counts"]) byId(id).innerHTML = page.getElementById(id).innerHTML;
      note();
    }, () => { if (!isAgain && find) dark(); });
  }

  // Without a network: whom this page has shown already, and a form for whoever is not on the list. Both go with the page.
  function note() {
    for (const row of main.querySelectorAll(".hand")) seen[row.dataset.entry || "-" + row.dataset.signIn] = row;
  }
  function dark() {
    const words = byId("q").value.trim(), rows = byId("rows");
    rows.innerHTML = byId("dark").innerHTML;
    for (const row of Object.values(seen)) if (row.textContent.includes(words)) rows.querySelector("ul").append(row);
  }
  // What was done is marked; the form is for the next one.
  function lay(act) {
    const key = document.querySelector('[name=key][value="' + act.id + '"]'), row = key && key.closest(".hand");
    if (row) row.querySelector(".hand__name").dataset.waits = byId("unsent").dataset.waits;
    else if (key && key.form.id === "walk-in") {
      key.form.reset();
      renew(key);
    }
  }
  function renew(key) { key.value = Date.now().toString(36) + Math.random().toString(36).slice(2, 12); }
  on("click", (event) => {
    const link = event.target.closest("a, [data-typed]");
    if (!link) return;
    if (link.dataset.typed) {
      byId("rows").innerHTML = byId(link.dataset.typed).innerHTML;
      renew(byId("rows").querySelector("[name=key]"));
    } else if (document.querySelector("#unsent details:not([hidden])")) {
      event.preventDefault();
      if (find) dark(); else say("kept");
    }
  });

  on("input", ({ target }) => {
    if (target.id !== "q") return;
    clearTimeout(typing);
    typing = setTimeout(look, WAIT);
  });
  // Its end is heard as input.
  on("compositionstart", () => clearTimeout(typing));
  on("focusin", ({ target }) => { if (target.id === "q") target.select(); });
  on("submit", (event) => {
    if (event.target !== find) return;
    event.preventDefault();
    clearTimeout(typing);
    look();
  });
  // Keys are used once.
  addEventListener("pageshow", ({ persisted }) => { if (persisted) look(true); });

  // Browsers lend a camera to pages over https alone, and to those of their own machine.
  if (isSecureContext && navigator.mediaDevices && byId("open-camera")) byId("open-camera").hidden = false;

  if (find) last = posting.bodyOf(find);
  note();
  present();
  next();
})();
