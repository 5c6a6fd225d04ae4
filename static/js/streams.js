// One stream for all boards of a browser, which over plain HTTP has six connections to a host: each board would take one.
// A shared worker where the engine has them, else a part of the page; a board speaks to it by a port either way.
(() => {
  "use strict";
  const MOST = 4, DEAD = 20000, streams = new Map();
  const drop = (key) => { streams.get(key).source.close(); streams.delete(key); };
  const leave = (port) => { for (const [key, { ports }] of streams) if (ports.delete(port) && !ports.size) drop(key); };
  const start = (key, url, names) => {
    const stream = { source: new EventSource(url), ports: new Set(), latest: new Map(), heardAt: Date.now() };
    const tell = (...message) => {
      stream.heardAt = Date.now();
      for (const port of stream.ports) port.postMessage(message);
    };
    const on = (name, act) => stream.source.addEventListener(name, act);
    on("open", () => { stream.isOpen = true; tell("open"); });
    on("error", () => { drop(key); tell("error"); });
    for (const name of names) on(name, ({ data }) => { stream.latest.set(name, data); tell(name, data); });
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
      if (stream.isOpen) for (const entry of [["open"], ...stream.latest]) port.postMessage(entry);
    };
  };
})();
