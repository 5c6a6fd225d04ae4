// What a form of a door does waits on this phone while the network is lost: in order, each act with its key and the time
// of its tap, until it is answered, also when the page is closed meanwhile. For every form with `data-queue`
// (docs/decisions/0022-lost-network.md). The page hears "act" of each: `request` is the answer, null while it waits; and
// of all of them once nothing waits any more: `sent` counts them. Without this script the forms are ordinary ones.
// Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  // window.posting: post.js.
  const AGAIN = 4000, posting = window.posting;
  const list = document.getElementById("unsent");
  if (!posting || !list) return;
  const words = list.dataset, place = "queue-" + words.home;
  let memory = [], pressed = null, isSending = false, isLost = false, timer = 0, sent = 0;
  // Of the acts whose answer somebody waits for.
  let buttons = {};

  function read() { try { return JSON.parse(localStorage.getItem(place)) || []; } catch (refused) { return memory; } }
  const waiting = () => read().filter((act) => !act.why);
  function write(acts) {
    memory = acts;
    try {
      if (acts.length) localStorage.setItem(place, JSON.stringify(acts)); else localStorage.removeItem(place);
    } catch (refused) {
      // Private mode: the memory has it.
    }
    draw(acts);
  }
  // With nothing to change of it, the act is answered and forgotten.
  function change(id, what) {
    write(read().filter((act) => act.id !== id || (what && Object.assign(act, what))));
  }
  function tell(detail) { document.dispatchEvent(new CustomEvent("act", { detail })); }

  // One after another. Whoever has just tapped sees the answer; those of what waited are only looked at.
  function flush() {
    const act = waiting()[0];
    if (isSending || !act) return;
    const isNow = act.id in buttons, isPart = !(isNow && act.leaves), body = act.body + "&sent=" + Date.now();
    clearTimeout(timer);
    isSending = true;
    if (!act.isTried) change(act.id, { isTried: true });
    const heard = (request) => {
      const { status, responseURL } = request;
      isSending = false;
      // A dead link's page says what dies with it (dead.js); if it lives, another link was meant, and the act is refused.
      // An answer of use is that of the act; 500 would come again, and holds up nothing behind it.
      isLost = !status || status === 429 || status > 500 || responseURL.endsWith("/login");
      if (status === 403 && !act.isDead) {
        write(read().filter(({ id }) => !isNow || id !== act.id).map((one) => Object.assign(one, { isDead: true })));
        location.replace(words.home);
      } else if (!isLost) {
        settle(act, request, isNow);
        flush();
      } else {
        timer = setTimeout(flush, AGAIN);
        buttons = {};
        if (isNow) tell({ act, request: null });
      }
    };
    posting.once({ url: act.url, body, button: buttons[act.id], isPart }, heard);
  }
  function settle(act, request, isNow) {
    const page = posting.pageOf(request), answer = page.querySelector("#answer .answer__screen, [role=alert], h2");
    const isBad = request.status >= 400 || page.querySelector("#answer[data-tone=bad]"), undo = page.querySelector("#answer form");
    const back = waiting().find((one) => one.id === act.id)?.back;
    change(act.id, isBad && !isNow && { why: answer?.textContent.trim() || words.failed });
    delete buttons[act.id];
    if (isNow) { tell({ act, request }); return; }
    sent += 1;
    if (back && undo) add(undo, act.said, back);
    if (waiting().length) return;
    tell({ sent });
    sent = 0;
  }
  function draw(acts) {
    list.acts = acts;
    list.hidden = !acts.length;
    for (const box of list.children) {
      const [head, rows, { content }] = box.children, some = acts.filter(({ why }) => !why === "open" in box);
      box.hidden = !some.length;
      head.textContent = head.dataset.count.replace("{n}", some.length);
      rows.textContent = "";
      for (const act of some) {
        rows.append(content.cloneNode(true));
        const [text, button] = rows.lastElementChild.children;
        text.textContent = [act.said, act.why, act.back && words.undone].filter(Boolean).join(" · ");
        button.hidden = act.back;
        button.addEventListener("click", () => change(act.id, !act.why && act.isTried && { back: Date.now() }));
      }
    }
  }

  function add(form, said, at) {
    const body = posting.bodyOf(form, pressed), id = body.get("key");
    if (!body.get("at")) body.set("at", at);
    if (read().some((one) => one.id === id)) return { id };
    const act = { id, url: form.getAttribute("action"), body: body.toString(), said, leaves: "leaves" in form.dataset };
    write(read().concat(act));
    return act;
  }
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target, { queue, said } = form.dataset, { name } = form.elements;
    if (queue === undefined) return;
    event.preventDefault();
    const act = add(form, [said, name?.value].filter(Boolean).join(" · "), Date.now());
    if (isLost) tell({ act, request: null }); else buttons[act.id] = form.querySelector("button");
    flush();
  });
  for (const name of ["online", "pageshow"]) addEventListener(name, flush);
  draw(read());
})();
