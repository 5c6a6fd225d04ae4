// A steward's phone answers with the whole screen for a second: colour, word, sound, vibration; then with a toast that has
// the undo. What was done is heard from queue.js. Without this script the forms are ordinary ones. Nothing newer than
// Chromium 86 and iOS 14.
(() => {
  "use strict";
  const SCREEN = 1000, TOAST = 5000, REST = 0.06, FADE = new Float32Array([0.25, 0]);
  // ms; Hz and seconds
  const BUZZ = { ok: [80], repeat: [60, 80, 60], undo: [40, 40, 40], bad: [350] };
  const TONE = { ok: [[880, 0.12]], repeat: [[440, 0.1], [440, 0.1]], undo: [[660, 0.1], [330, 0.15]], bad: [[196, 0.4]] };
  const byId = (id) => document.getElementById(id), main = byId("main"), answers = byId("answers");
  let sound = null;
  // window.posting: post.js.
  if (!window.posting) return;

  function beep(tone) {
    try {
      sound = sound || new (window.AudioContext || window.webkitAudioContext)();
      sound.resume();
      const voice = sound.createOscillator(), loudness = sound.createGain();
      let at = sound.currentTime;
      voice.connect(loudness);
      loudness.connect(sound.destination);
      voice.start(at);
      for (const [pitch, length] of TONE[tone]) {
        voice.frequency.setValueAtTime(pitch, at);
        loudness.gain.setValueCurveAtTime(FADE, at, length);
        at += length + REST;
      }
      voice.stop(at);
    } catch (refused) {
      // No sound is no reason to stop.
    }
  }

  function present() {
    const answer = byId("answer");
    if (!answer) return;
    const shrink = () => { answer.classList.replace("is-screen", "is-toast"); }, { tone } = answer.dataset;
    answer.classList.add("is-screen");
    navigator.vibrate?.(BUZZ[tone]);
    beep(tone);
    setTimeout(shrink, SCREEN);
    setTimeout(() => answer.remove(), SCREEN + TOAST);
    answer.firstElementChild.addEventListener("click", shrink);
  }

  // What the page says by itself stands in a template.
  function say(word, count) {
    answers.innerHTML = byId("says-" + word).innerHTML.replace("{n}", count);
    present();
  }

  document.addEventListener("act", ({ detail: { act, request, sent } }) => {
    if (sent) say("sent", sent);
    else if (!request) say("kept");
    else if (request.status === 422) {
      main.innerHTML = window.posting.pageOf(request).getElementById("main").innerHTML;
      const bad = main.querySelector("[aria-invalid]");
      if (bad) bad.focus(); else scrollTo(0, 0);
    } else if (request.status >= 400) say("failed");
    else if (act.leaves) location.replace(request.responseURL);
    else {
      answers.innerHTML = request.responseText;
      present();
    }
  });

  // No link leads into nothing.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a") || !document.querySelector("#unsent details:not([hidden])")) return;
    event.preventDefault();
    if (!byId("find")) say("kept");
  });

  present();
})();
