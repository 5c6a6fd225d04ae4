// Sends what a form says to the server. The body stays the same at each try, and so does the key in it: the server
// counts it once. Used by attendee.js, and by queue.js and search.js; where this file did not arrive, their forms are
// ordinary ones. Nothing newer than Chromium 86 and iOS 14.
(() => {
  "use strict";
  // Never disabled: a button that is busy keeps the focus, says so, and its form leaves a second tap alone.
  function busy(button, isBusy) {
    for (const name of ["aria-busy", "aria-disabled"]) button.setAttribute(name, isBusy);
  }

  // sent: url, body (without one the url is only asked for), button (busy meanwhile), timeout in ms, isPart (only a part of the page is wanted).
  // done(request) has the server's answer; its status is 0 without a network, and where that was too slow.
  function once({ url, body, button, timeout = 8000, isPart }, done) {
    const request = new XMLHttpRequest();
    if (button) busy(button, true);
    request.open(body ? "POST" : "GET", url);
    request.timeout = timeout;
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    if (isPart) request.setRequestHeader("HX-Request", "true");
    request.onload = request.onerror = request.ontimeout = () => {
      if (button) busy(button, false);
      done(request);
    };
    request.send(body);
    return request;
  }

  // What the form says; the button that was pressed is part of it where it has a name.
  function bodyOf(form, button) {
    const body = new URLSearchParams(new FormData(form));
    if (button?.form === form && button.name) body.set(button.name, button.value);
    return body;
  }

  // The next time that it is sent, the form is another act.
  function renew({ elements: { key } }) { key.value = Date.now().toString(36) + Math.random(); }

  // A page that came as an answer.
  const pageOf = (request) => new DOMParser().parseFromString(request.responseText, "text/html");

  window.posting = { once, busy, bodyOf, pageOf, renew };
})();
