// What is wrong with the page that is open, as sentences. Runs in the page; tests/house/test_look.py gives the options.
(options) => {
  const problems = [];
  const root = document.documentElement;
  const UNSEEN = ".unseen, .skip, noscript, script, style, title";

  function name(element) {
    const id = element.id ? "#" + element.id : "";
    const classes = typeof element.className === "string" && element.className ? "." + element.className.trim().split(/\s+/).join(".") : "";
    const words = (element.innerText || element.getAttribute("aria-label") || "").trim().replace(/\s+/g, " ").slice(0, 30);
    return `<${element.tagName.toLowerCase()}${id}${classes}> “${words}”`;
  }
  const px = (number) => Math.round(number * 10) / 10;
  const isSeen = (element) => !element.closest(UNSEEN) && element.checkVisibility({ visibilityProperty: true });

  // No sideways scroll, of the page or inside it.
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((one) => isSeen(one) && one.getBoundingClientRect().right > root.clientWidth + 1);
    problems.push(`scrolls sideways, ${root.scrollWidth} in ${root.clientWidth} px: ${wide.slice(-3).map(name).join(", ")}`);
  }
  for (const box of document.body.querySelectorAll("*")) {
    if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.tagName !== "TEXTAREA" && box.scrollWidth > box.clientWidth + 1 && isSeen(box)) {
      problems.push(`scrolls sideways inside: ${name(box)}`);
    }
  }

  // Every line of text, less the leading that a font adds above and below.
  const lines = [];
  // An English word of at most eleven letters is never parted; what is no word (an address, a code) may be.
  const WORD = /(?<![\w@./:-])[A-Za-z]{2,11}(?![\w@/:]|[.-]\w)/g;
  function tellParted(node) {
    for (const word of node.data.matchAll(WORD)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = [...range.getClientRects()].filter((r) => r.width > 0.5).map((r) => r.top);
      if (Math.max(...tops) - Math.min(...tops) > 3) problems.push(`a word is parted: “${word[0]}” in ${name(node.parentElement)}`);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !isSeen(element)) continue;
    if (!element.closest(".code")) tellParted(node);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      const cut = r.height * 0.18;
      if (r.width > 0.5) lines.push({ element, left: r.left, right: r.right, top: r.top + cut, bottom: r.bottom - cut });
    }
  }

  // Nothing clipped: by a box that hides what is too long, by the page's edge, or by leaving its button or card.
  const style = new Map();
  const styleOf = (element) => style.get(element) || style.set(element, getComputedStyle(element)).get(element);
  const rect = new Map();
  const rectOf = (element) => rect.get(element) || rect.set(element, element.getBoundingClientRect()).get(element);
  const told = new Set();
  function tell(what, element, line) {
    const key = what + name(element);
    if (!told.has(key)) problems.push(`${what}: ${name(element)}, text ${[line.left, line.top, line.right, line.bottom].map(px)} of ${name(line.element)}`);
    told.add(key);
  }
  for (const line of lines) {
    if (line.left < -1 || line.right > root.clientWidth + 1) tell("text leaves the page", line.element, line);
    for (let box = line.element; box && box !== document.body; box = box.parentElement) {
      const css = styleOf(box);
      if (css.display === "inline" || css.display === "contents") continue;
      const r = rectOf(box);
      const isOutX = line.left < r.left - 1 || line.right > r.right + 1;
      const isOutY = line.top < r.top - 1 || line.bottom > r.bottom + 1;
      const hides = /hidden|clip/;
      if ((hides.test(css.overflowX) && isOutX) || (hides.test(css.overflowY) && isOutY)) tell("clipped", box, line);
      const isBox = parseFloat(css.borderTopWidth) > 0 && parseFloat(css.borderBottomWidth) > 0;
      if (isBox && (isOutX || (isOutY && !/auto|scroll/.test(css.overflowY)))) tell("text leaves its box", box, line);
      if (css.position === "fixed") break;
    }
  }
  for (const field of document.querySelectorAll("input[placeholder], select")) {
    // A placeholder is an example beside the label; one that is too long may say so with an ellipsis.
    if (!isSeen(field) || (field.placeholder && styleOf(field).textOverflow === "ellipsis")) continue;
    const css = styleOf(field), pen = document.createElement("canvas").getContext("2d");
    pen.font = css.font;
    const words = field.tagName === "SELECT" ? (field.selectedOptions[0] || {}).text || "" : field.value ? "" : field.placeholder;
    const room = field.clientWidth - parseFloat(css.paddingLeft) - parseFloat(css.paddingRight) - (field.tagName === "SELECT" ? 16 : 0);
    if (pen.measureText(words).width > room + 1) problems.push(`cut short: ${name(field)} shows “${words}” in ${px(room)} px`);
  }

  // The ring of the field that has the focus keeps off its label and its hint.
  const focused = document.activeElement;
  if (focused && focused.matches("input, select, textarea") && isSeen(focused)) {
    const css = getComputedStyle(focused), r = focused.getBoundingClientRect();
    const reach = css.outlineStyle === "none" ? 0 : parseFloat(css.outlineWidth) + parseFloat(css.outlineOffset);
    for (const line of lines) {
      const isBeside = (line.bottom > r.top - reach - 1 && line.top < r.top) || (line.top < r.bottom + reach + 1 && line.bottom > r.bottom);
      if (isBeside && line.right > r.left - reach && line.left < r.right + reach) tell(`the focus ring of ${name(focused)} lies over`, line.element, line);
    }
  }

  // No text on top of other text; what sticks or floats may pass over it.
  const floats = (element) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) if (/sticky|fixed/.test(styleOf(box).position)) return true;
    return false;
  };
  // What a box that scrolls has scrolled away is on top of nothing.
  const isAway = (line) => {
    for (let box = line.element; box && box !== document.body; box = box.parentElement) {
      const r = rectOf(box);
      if (/auto|scroll/.test(styleOf(box).overflowY) && (line.top > r.bottom - 2 || line.bottom < r.top + 2)) return true;
    }
    return false;
  };
  const still = lines.filter((line) => !floats(line.element) && !isAway(line)).sort((a, b) => a.top - b.top);
  for (let i = 0; i < still.length; i++) {
    for (let j = i + 1; j < still.length && still[j].top < still[i].bottom - 2; j++) {
      const [a, b] = [still[i], still[j]];
      if (a.element !== b.element && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - b.top > 3) {
        tell(`text on text, over ${name(b.element)}`, a.element, a);
      }
    }
  }

  // Targets of 44 px. A link inside a sentence is as high as its line, as WCAG 2.5.8 allows ("inline"): display
  // inline, with words of the sentence beside it in the same block. A tick's target is its label.
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
  for (const target of document.querySelectorAll(TARGETS)) {
    if (!isSeen(target)) continue;
    const css = styleOf(target);
    const block = target.parentElement.closest("p, li, dd, figcaption, label, legend, span, div") || target.parentElement;
    const beside = block.textContent.replace(target.textContent, "").trim();
    if (css.display === "inline" && target.tagName === "A" && beside.length > 0) continue;
    let area = target;
    if (/^(checkbox|radio|file)$/.test(target.type || "")) area = target.closest("label") || (target.labels && target.labels[0]) || target;
    const after = getComputedStyle(target, "::after");
    if (after.content !== "none" && after.position === "absolute") area = target.offsetParent || target;
    const r = area.getBoundingClientRect();
    if (r.right <= 0 || r.bottom + scrollY <= 0) continue;
    if (r.width < 43.5 || r.height < 43.5) problems.push(`small target, ${px(r.width)} × ${px(r.height)} px: ${name(target)}`);
  }

  // The next step is in view, and nothing lies over it.
  if (options.step) {
    const step = [...document.querySelectorAll(options.step)].find(isSeen);
    if (!step) problems.push(`there is no ${options.step}`);
    else if (options.isReachable) {
      step.scrollIntoView({ block: "center" });
    }
    if (step) {
      const r = step.getBoundingClientRect();
      if (r.top < 0 || r.bottom > innerHeight + 0.5 || r.left < 0 || r.right > innerWidth) problems.push(`not in view, ${px(r.top)} to ${px(r.bottom)} of ${innerHeight} px: ${name(step)}`);
      else if (!step.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2))) problems.push(`something lies over ${name(step)}`);
    }
  }
  if (options.fits && root.scrollHeight > root.clientHeight) problems.push(`does not fit: ${root.scrollHeight} in ${root.clientHeight} px`);
  return problems;
}
