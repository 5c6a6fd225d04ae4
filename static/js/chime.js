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
  const known = here(), isOn = () => button.matches("[aria-pressed=true]");

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
    button.dataset.rung = Number(button.dataset.rung || 0) + 1;
  };

  // Browsers allow sound after a tap only; the tap itself rings, so that one hears how loud it is.
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", !isOn());
    if (isOn()) { audio = audio || new Audio(); ring(); }
  });
  button.hidden = false;

  new MutationObserver(() => {
    const news = [...here()].filter((id) => !known.has(id));
    for (const id of news) known.add(id);
    if (news.length && isOn()) ring();
  }).observe(numbers, { childList: true, subtree: true });
})();
