// A chime when a starred person arrives: generated, off until it is tapped, and never for who was here before.
(() => {
  "use strict";
  const button = document.getElementById("chime"), numbers = document.getElementById("numbers-region");
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!button || !numbers || !Audio) return;
  const NOTES = [[659.3, 0], [880, 0.18], [1318.5, 0.36]], LONG = 0.7, LOUD = 0.25;
  let audio = null;
  const here = () => {
    const mark = numbers.querySelector("[data-starred-here]");
    return new Set(mark ? mark.dataset.starredHere.split(" ").filter(Boolean) : []);
  };
  const known = here();

  const ring = () => {
    if (!audio) return;
    if (audio.state !== "running") audio.resume();
    for (const [pitch, after] of NOTES) {
      const tone = audio.createOscillator(), loudness = audio.createGain(), at = audio.currentTime + after;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(LOUD, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, at + LONG);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + LONG);
    }
    button.dataset.rung = String(Number(button.dataset.rung || 0) + 1);
  };

  // Browsers allow sound after a tap only; the tap itself rings, so that one hears how loud it is.
  button.addEventListener("click", () => {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isOn));
    if (isOn) { audio = audio || new Audio(); ring(); }
  });
  button.hidden = false;

  new MutationObserver(() => {
    let isNews = false;
    for (const id of here()) {
      if (!known.has(id)) { known.add(id); isNews = true; }
    }
    if (isNews && button.getAttribute("aria-pressed") === "true") ring();
  }).observe(numbers, { childList: true, subtree: true });
})();
