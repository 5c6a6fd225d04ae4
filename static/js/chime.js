// A chime when a starred person arrives: generated, off until it is tapped, and never for who was here before.
(() => {
  "use strict";
  const button = document.getElementById("chime"), numbers = document.getElementById("numbers-region");
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!button || !numbers || !Audio) return;
  let audio;
  const here = () => (numbers.querySelector("[data-starred-here]")?.dataset.starredHere || "").split(" ");
  const known = new Set(here()).add(""), isOn = () => button.matches("[aria-pressed=true]");

  const ring = () => {
    audio.resume();
    [659.3, 880, 1318.5].forEach((pitch, number) => {
      const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + number * 0.18;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.7);
    });
    button.dataset.rung = ~~button.dataset.rung + 1;
  };

  // Browsers allow sound after a tap only; the tap itself rings, so that one hears how loud it is.
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", !isOn());
    audio = audio || new Audio();
    if (isOn()) ring();
  });
  button.hidden = false;

  new MutationObserver(() => {
    const news = here().filter((id) => !known.has(id));
    news.forEach((id) => known.add(id));
    if (news.length && isOn()) ring();
  }).observe(numbers, { childList: true, subtree: true });
})();
