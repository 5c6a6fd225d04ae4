// One stream for all boards of a browser, which over plain HTTP has six connections to a host: each board would take one.
// A shared worker where the engine has them, else a part of the page; a board speaks to it by a port either way.
(() => {
  "use strict";
  const MOST = 4, DEAD = 20000, streams = new Map();
  const drop = (key) => { streams.get(key).source.close(); streams.delete(key); };
  const leave = (port) => { for (const [key, { ports }] of streams) if (ports.delete(port) && !ports.size) drop(key); };
  const start = (key, url, names) => {
    const latest = new Map(), stream = { source: new EventSource(url), ports: new Set(), latest, heardAt: Date.now() };
    const tell = (name, data) => {
      stream.heardAt = Date.now();
      latest.set(name, data);
      for (const port of stream.ports) port.postMessage([name, data]);
    };
    const on = (name, act) => stream.source.addEventListener(name, act);
    on("open", () => tell("open"));
    on("error", () => { drop(key); tell("error"); });
    for (const name of names) on(name, ({ data }) => tell(name, data));
    // what has changed in a region, cut as the server cuts it (kiosk/web/board/frames.py)
    on("patch", ({ data }) => {
      const [name, ...edits] = JSON.parse(data), pieces = latest.get(name).split(/(?=<li|<rect|<.ul)/);
      for (const edit of edits) pieces.splice(...edit);
      tell(name, pieces.join(""));
    });
    streams.set(key, stream);
    return stream;
  };
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data: [key, url, names] }) => {
      leave(port);
      if (!key) return;
      // its others find out as this one did
      if (streams.has(key) && Date.now() - streams.get(key).heardAt > DEAD) drop(key);
      // it polls
      if (!streams.has(key) && streams.size >= MOST) return port.postMessage(["error"]);
      const stream = streams.get(key) || start(key, url, names);
      stream.ports.add(port);
      for (const entry of stream.latest) port.postMessage(entry);
    };
  };
})();
