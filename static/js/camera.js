// The page's own camera: each pass that it sees is signed in, once. The engine's own reader of codes where it has one,
// else the decoder that comes with this house; both at the phone, no picture leaves it.
(function () {
  "use strict";
  var LOOK = 100, AGAIN = 4000, WIDE = 800; // ms between two looks; before the same pass counts again; pixels looked at
  var place = document.getElementById("camera"), view = document.getElementById("view"), says = document.getElementById("camera-says");
  if (!place || !window.scan) return;
  var canvas = document.createElement("canvas"), seen = "", seenAt = 0, read = null;

  function say(word) { says.lastElementChild.textContent = says.dataset[word]; }

  function picture() {
    var scale = Math.min(1, WIDE / view.videoWidth), pen;
    canvas.width = Math.round(view.videoWidth * scale);
    canvas.height = Math.round(view.videoHeight * scale);
    pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(view, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  function ownReader() {
    if (!window.BarcodeDetector) return Promise.resolve(null);
    return window.BarcodeDetector.getSupportedFormats().then(function (formats) {
      if (formats.indexOf("qr_code") < 0) return null;
      var detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return function () {
        return detector.detect(view).then(function (codes) { return codes.map(function (code) { return code.rawValue; }); });
      };
    }).catch(function () { return null; });
  }

  function decoder() {
    var wasm = place.dataset.decoder;
    window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: function () { return wasm; } } });
    return function () {
      return window.ZXingWASM.readBarcodes(picture(), { formats: ["QRCode"], maxNumberOfSymbols: 1 })
        .then(function (codes) { return codes.map(function (code) { return code.text; }); });
    };
  }

  function take(texts) {
    texts.forEach(function (text) {
      var pass = /\/p\/([a-z2-7]{32})\/?$/i.exec(text), now = Date.now();
      if (!pass || (pass[1] === seen && now - seenAt < AGAIN)) {
        if (pass) seenAt = now; // it is still held there
        return;
      }
      seen = pass[1];
      seenAt = now;
      window.scan(pass[1].toLowerCase());
    });
  }

  function look() {
    if (!view.videoWidth || document.hidden) { setTimeout(look, LOOK); return; }
    read().then(take, function () { /* the next look may see it */ }).then(function () { setTimeout(look, LOOK); });
  }

  if (!window.isSecureContext || !navigator.mediaDevices) { say("none"); return; }
  navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }).then(function (stream) {
    view.srcObject = stream;
    return Promise.all([view.play(), ownReader()]);
  }).then(function (made) {
    read = made[1] || decoder();
    say("ready");
    look();
  }).catch(function () { say("refused"); });
})();
