// The final answer of a form that finds no network: a code to say, and what was typed as a QR code, whose address holds
// it behind the # where no server's log sees it. It is here before it is needed, after everything else (attendee.js).
// Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  const shape = document.getElementById("final-answer"), drawing = "http://www.w3.org/2000/svg";
  if (!shape) return;
  let generate = null;
  import(shape.dataset.encoder).then((encoder) => { generate = encoder.generate; }, () => { /* then there is the code alone */ });

  // The values in the order of the fields, each UTF-16 unit as five digits: the densest thing that a QR code holds.
  function address(form) {
    const fields = [...form.elements].filter(({ name, type, dataset }) => name && !/hidden|submit/.test(type) && !("fleeting" in dataset));
    const said = new FormData(form), names = [...new Set(fields.map(({ name }) => name))];
    const text = names.map((name) => said.get(name) || "").join("\n").trimEnd();
    const digits = [...Array(text.length).keys()].map((at) => String(text.charCodeAt(at)).padStart(5, "0")).join("");
    return location.origin + form.dataset.carried + "#" + said.get("ticket") + "." + digits;
  }

  function draw(place, text) {
    const code = generate(text, { maxCorrectionLevel: 0 }), quiet = 4, wide = code.size + 2 * quiet;
    let path = "";
    for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) {
      if (code.get(x, y)) path += "M" + (x + quiet) + " " + (y + quiet) + "h1v1h-1z";
    }
    const picture = document.createElementNS(drawing, "svg"), ink = document.createElementNS(drawing, "path");
    picture.setAttribute("viewBox", "0 0 " + wide + " " + wide);
    picture.setAttribute("shape-rendering", "crispEdges");
    ink.setAttribute("d", path);
    picture.append(ink);
    place.append(picture);
  }

  window.finalAnswer = (form) => {
    let answer = form.querySelector(".final");
    if (!answer && form.dataset.spoken) {
      form.prepend(shape.content.cloneNode(true));
      answer = form.querySelector(".final");
      answer.querySelector(".final__code").textContent = form.dataset.spoken.replace(/^.../, "$& ");
      answer.scrollIntoView();
    }
    const qr = answer && answer.querySelector(".final__qr");
    if (!qr || !qr.hidden || !generate || !form.dataset.carried) return;
    try {
      draw(qr, address(form));
      qr.hidden = false;
    } catch (refused) { /* more was typed than any code holds: the six characters stay */ }
  };
})();
