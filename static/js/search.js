// A steward searches while typing, and sees who waits to be confirmed and who is missing as it is after each act. Without
// this script the forms are ordinary ones. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  // window.posting: post.js.
  const WAIT = 250, AGAIN = 4000, posting = window.posting;
  if (!posting) return;
  const byId = (id) => document.getElementById(id), on = (name, act) => document.addEventListener(name, act);
  const main = byId("main"), shown = new Map(), find = () => byId("find");
  let last = "", asked = null, typing = 0;

  on("act", ({ detail: { act, request, sent } }) => {
    if (!sent && !request) lay(act);
    else if (sent || (request.status < 400 && !act.leaves)) {
      // The field is for the next person.
      if (request && find()) {
        byId("q").value = "";
        byId("q").focus();
      }
      look(true);
    }
    ask();
  });

  // Who waits to be confirmed: asked for again and again, shown anew only when it is somebody else.
  async function ask() {
    const list = byId("unconfirmed");
    if (!list) return;
    const answer = await fetch(list.firstElementChild.dataset.from).catch(Boolean);
    if (answer.status === 200 && !list.querySelector("[open]")) list.innerHTML = await answer.text();
  }
  setInterval(ask, AGAIN);

  // Searching: nobody is shown before two characters, that is the server's rule. After an answer the same is asked
  // again, by what was searched for or the organisation that is open, while the field is empty for the next person.
  function look(isAgain) {
    const again = byId("again"), form = again || find();
    if (!form) return;
    asked?.abort();
    if (again || !isAgain) last = posting.bodyOf(form);
    asked = posting.once({ url: form.action, body: last }, (request) => {
      const page = posting.pageOf(request), { status } = request;
      if (status === 403) location.replace(main.dataset.home);
      else if (page.getElementById("rows")) {
        for (const id of ["rows", "counts"]) byId(id).innerHTML = page.getElementById(id).innerHTML;
        note();
      } else if ((!status || status >= 500) && !isAgain && find()) dark();
    });
  }

  // Without a network: whom this page has shown already, and a form for whoever is not on the list. Both go with the page.
  function note() {
    for (const row of main.querySelectorAll(".hand")) shown.set(row.dataset.entry || "-" + row.dataset.signIn, row);
  }
  function dark() {
    const words = byId("q").value.trim(), rows = byId("rows");
    rows.innerHTML = byId("dark").innerHTML;
    for (const row of shown.values()) if (row.textContent.includes(words)) rows.querySelector("ul").append(row);
  }
  // What was done is marked; the form is for the next one.
  function lay(act) {
    const form = document.querySelector(`[name=key][value="${act.id}"]`)?.form, row = form?.closest(".hand");
    if (row) row.querySelector(".hand__name").dataset.waits = byId("unsent").dataset.waits;
    else if (form?.id === "walk-in") {
      form.reset();
      posting.renew(form);
    }
  }
  on("click", (event) => {
    const button = event.target.closest("[data-typed]");
    if (button) {
      byId("rows").innerHTML = byId(button.dataset.typed).innerHTML;
      posting.renew(byId("walk-in"));
    } else if (event.defaultPrevented && find()) dark();
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
    if (event.target !== find()) return;
    event.preventDefault();
    clearTimeout(typing);
    look();
  });
  // Keys are used once.
  addEventListener("pageshow", ({ persisted }) => { if (persisted) look(true); });

  // Browsers lend a camera to pages over https alone, and to those of their own machine.
  if (byId("open-camera")) byId("open-camera").hidden = !navigator.mediaDevices;

  if (find()) last = posting.bodyOf(find());
  note();
})();
