// Puts the parts together: tabs, legend, corner of the map, selection in the address, start.
tonggou.strokeUtility = (frame, path, utility, step) => {
  const ink = tonggou.ink(utility), width = Math.max(1, step * 0.5) * ink.weight;
  const dash = frame.zoom >= 14 ? ink.dash.map((part) => part * width) : [];
  tonggou.draw.stroke(frame, path, ink.colour, width, dash, "butt");
};
tonggou.letter = (frame, utility, given) => {
  let best = 0, at = null;
  for (let i = 0; i + 3 < given.length; i += 2) {
    const length = Math.hypot(given[i + 2] - given[i], given[i + 3] - given[i + 1]);
    if (length > best) { best = length; at = [given[i], given[i + 2], given[i + 1], given[i + 3]]; }
  }
  if (best < 70) return;
  const ink = tonggou.ink(utility), share = 0.2 + 0.1 * utility;
  const x = at[0] + share * (at[1] - at[0]), y = at[2] + share * (at[3] - at[2]);
  if (!frame.place(x, y, 14, 14)) return;
  tonggou.draw.disc(frame, x, y, 8, "#FFFFFF", ink.colour, 1.2);
  tonggou.draw.label(frame, ink.letter, x, y + 0.5, { colour: ink.colour, halo: "#FFFFFF", force: true });
};

tonggou.legend = (() => {
  const { element, word, state, change, draw } = tonggou;
  const swatch = (paint) => {
    const canvas = element("canvas", { width: 72, height: 32, "aria-hidden": "true" }), pen = canvas.getContext("2d");
    pen.scale(2, 2);
    paint({ pen, zoom: 16, place: () => true });
    return canvas;
  };
  const item = (paint, text, count) =>
    element("div", { class: "item" }, swatch(paint), element("span", {}, text), count === null || count === undefined ? null : element("i", {}, typeof count === "number" ? tonggou.number(count) : count));
  const straight = () => { const path = new Path2D(); draw.trace(path, [1, 8, 35, 8]); return path; };
  const utilities = (counts) => [...counts.keys()].sort((a, b) => a - b).map((utility) =>
    element("button", {
      class: "item", type: "button", "aria-pressed": String(!state.hidden.has(utility)),
      onclick: () => {
        const hidden = new Set(state.hidden);
        if (!hidden.delete(utility)) hidden.add(utility);
        change({ hidden });
      },
    },
    swatch((frame) => {
      const ink = tonggou.ink(utility), path = new Path2D();
      draw.trace(path, [0, 8, 20, 8]);
      tonggou.strokeUtility(frame, path, utility, 5);
      draw.label(frame, ink.letter, 29, 8.5, { colour: ink.colour, halo: "#FFFFFF", force: true });
    }), element("span", {}, word("utility." + tonggou.utilities()[utility])), element("i", {}, tonggou.number(counts.get(utility)))));
  const faded = (colour, alpha) => (frame) => { frame.pen.globalAlpha = alpha; draw.stroke(frame, straight(), colour, 12, [], "butt"); };
  const band = (colour, text, count) => item(faded(colour, 0.28), text, count);
  const edge = (colour, text, count) => item((frame) => {
    const path = new Path2D();
    draw.trace(path, [1, 3, 35, 3]);
    draw.trace(path, [1, 13, 35, 13]);
    draw.stroke(frame, path, colour, 1, [4, 2]);
  }, text, count);
  const dashed = (colour, text, count) => item((frame) => draw.stroke(frame, straight(), colour, 1.6, [6, 3]), text, count);
  const patch = (colour, text, note) => item((frame) => { frame.pen.fillStyle = colour; frame.pen.fillRect(1, 1, 34, 14); }, text, note);
  const hatch = (text, count) => item((frame) => {
    frame.pen.fillStyle = draw.hatch(frame, "rgba(29,39,48,0.6)");
    frame.pen.fillRect(1, 1, 34, 14);
    frame.pen.strokeStyle = "#1D2730";
    frame.pen.strokeRect(1.5, 1.5, 33, 13);
  }, text, count);
  // light hatch over a middle class of a ramp
  const veil = (ground, colour, text, count) => item((frame) => {
    for (const fill of [ground, draw.hatch(frame, colour, true)]) {
      frame.pen.fillStyle = fill;
      frame.pen.fillRect(1, 1, 34, 14);
    }
  }, text, count);
  const text = (said) => element("p", { class: "text" }, said);
  const square = (frame, fill, line) => {
    frame.pen.fillStyle = fill;
    frame.pen.fillRect(13, 3, 10, 10);
    frame.pen.lineWidth = 1.5;
    frame.pen.strokeStyle = line;
    frame.pen.strokeRect(13, 3, 10, 10);
  };
  const toggle = (key, text, paint) =>
    element("button", { class: "item", type: "button", "aria-pressed": String(state[key]), onclick: () => change({ [key]: !state[key] }) }, swatch(paint), element("span", {}, text));
  const switches = () => [
    element("hr"),
    ...(tonggou.existing.any() ? [toggle("pipes", word("map.pipes"), (frame) => { frame.pen.globalAlpha = 0.5; draw.stroke(frame, straight(), "#0B87B5", 1.2); })] : []),
    tonggou.existing.thinned() ? element("div", { class: "text" }, word("map.thinned")) : null,
    toggle("standard", word("map.standard"), (frame) => ["#00FFFF", "#FF00FF", "#FF8000"].forEach((colour, i) => { frame.pen.fillStyle = colour; frame.pen.fillRect(6 + 8 * i, 4, 8, 8); })),
  ];
  const root = document.getElementById("legend");
  const build = () => {
    const view = tonggou.views[state.view], narrow = window.matchMedia("(max-width: 899px)").matches;
    if (!view) return;
    const open = root.firstChild ? root.firstChild.open : !narrow;
    root.replaceChildren(element("details", { open: open || !narrow }, element("summary", {}, word("page.legend")), ...view.legend()));
  };
  tonggou.follow((changed) => { if (["view", "hidden", "standard", "pipes", "thinned", "operator"].some((key) => changed.has(key))) build(); });
  return { utilities, band, edge, dashed, patch, hatch, veil, text, square, mark: item, switches };
})();

tonggou.corner = (() => {
  const { data } = tonggou, scale = document.getElementById("scale"), at = document.getElementById("at");
  const radians = (degrees) => (degrees * Math.PI) / 180;

  // east and north of a transverse Mercator CRS, Krüger's series to the third order of n
  const project = (lat, lon) => {
    const crs = data("base").projection;
    if (!crs) return null;
    const f = crs.flattening, n = f / (2 - f), n2 = n * n, n3 = n2 * n;
    const radius = (crs.radius_m / (1 + n)) * (1 + n2 / 4 + (n2 * n2) / 64);
    const alpha = [n / 2 - (2 * n2) / 3 + (5 * n3) / 16, (13 * n2) / 48 - (3 * n3) / 5, (61 * n3) / 240];
    const eccentric = (2 * Math.sqrt(n)) / (1 + n);
    const series = (phi, lambda) => {
      const sine = Math.sin(phi), t = Math.sinh(Math.atanh(sine) - eccentric * Math.atanh(eccentric * sine));
      const xi = Math.atan2(t, Math.cos(lambda)), eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + t * t));
      return alpha.reduce(([x, y], a, j) => [x + a * Math.cos(2 * (j + 1) * xi) * Math.sinh(2 * (j + 1) * eta), y + a * Math.sin(2 * (j + 1) * xi) * Math.cosh(2 * (j + 1) * eta)], [eta, xi]);
    };
    const [x, y] = series(radians(lat), radians(lon - crs.lon0_deg)), [, y0] = series(radians(crs.lat0_deg), 0);
    return [crs.east0_m + crs.scale * radius * x, crs.north0_m + crs.scale * radius * (y - y0)];
  };

  const ruler = (map) => {
    const size = map.getSize(), middle = size.y / 2;
    const metres = map.distance(map.containerPointToLatLng([0, middle]), map.containerPointToLatLng([100, middle]));
    if (!metres) return;
    const power = Math.pow(10, Math.floor(Math.log10(metres))), length = [5, 2, 1].map((step) => step * power).find((step) => step <= metres);
    scale.firstChild.style.width = (100 * length) / metres + "px";
    scale.lastChild.textContent = length >= 1000 ? tonggou.number(length / 1000) + " km" : tonggou.number(length) + " m";
  };
  const pointer = (event) => {
    const found = project(event.latlng.lat, event.latlng.lng);
    at.textContent = found ? `${data("base").projection.name}  E ${tonggou.number(found[0])}  N ${tonggou.number(found[1])} m` : `${event.latlng.lng.toFixed(5)}°, ${event.latlng.lat.toFixed(5)}°`;
  };
  return { ruler, pointer, project };
})();

// The existing lines: tiles over the drawing of a view, and what a click on one tells.
tonggou.existing = (() => {
  const { state, word, element, packed } = tonggou, layers = {};
  let mark = null;
  const any = () => tonggou.data("pipes").count > 0;
  const look = (given) => ({
    kind: (line) => given.column.utility[line],
    shown: (line) => !state.hidden.has(given.column.utility[line]),
    pen: (utility, zoom) => ({ colour: tonggou.ink(utility).colour + "8C", width: zoom < 15 ? 1 : 1.4, dash: [] }),
  });
  const layer = async (view) => {
    const given = await packed.lines("pipes"), map = tonggou.maps[view];
    if (!layers[view]) {
      map.createPane("lines").style.cssText = "z-index: 455; pointer-events: none";
      layers[view] = new tonggou.PackedLines(given, look(given));
      layers[view].on("load", () => tonggou.change({ thinned: layers[view].thinned }));
      map.on("zoomstart", () => { layers[view].thinned = false; });
    }
    return layers[view];
  };
  const clear = () => { if (mark) mark.remove(); mark = null; };
  const show = async (changed) => {
    const { view, pipes } = state, map = tonggou.maps[view];
    if (!map || view === "coverage" || (!pipes && !layers[view])) return;
    const made = await layer(view);
    if (pipes && !map.hasLayer(made)) made.addTo(map);
    else if (!pipes && map.hasLayer(made)) { made.remove(); clear(); }
    else if (changed.has("hidden") || changed.has("standard")) made.repaint();
  };
  // tells of the line under a click; false where there is none
  const pick = (view, latlng) => {
    clear();
    const made = layers[view], line = state.pipes && made && tonggou.maps[view].hasLayer(made) ? made.pick(latlng) : -1;
    if (line < 0) return false;
    const { given } = made, text = (name) => given.text(name, line);
    const told = [word("utility." + text("utility")), text("size"), text("owner"), text("built")].filter(Boolean);
    mark = L.tooltip({ className: "told", permanent: true, direction: "top" }).setLatLng(latlng).setContent(element("span", {}, told.join(" · "))).addTo(tonggou.maps[view]);
    return true;
  };
  tonggou.follow((changed) => { if (["view", "pipes", "hidden", "standard"].some((key) => changed.has(key))) show(changed); });
  return { any, pick, thinned: () => state.pipes && state.thinned };
})();

tonggou.start = () => {
  const { state, change, maps, views, sheets, data, follow, draw } = tonggou;
  const fitted = new Set();
  const narrow = window.matchMedia("(max-width: 899px)");

  const whole = L.Control.extend({
    options: { position: "topright" },
    onAdd(map) {
      const bar = L.DomUtil.create("div", "leaflet-bar"), button = L.DomUtil.create("a", "", bar);
      Object.assign(button, { href: "#", role: "button", title: tonggou.word("map.fit"), textContent: "⤢" });
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", (event) => { L.DomEvent.preventDefault(event); map.fitBounds(data("base").bounds, { padding: [8, 8] }); });
      return bar;
    },
  });
  for (const [view, map] of Object.entries(maps)) {
    new whole().addTo(map);
    map.createPane("sheet").style.zIndex = 450;
    sheets[view] = new tonggou.Sheet((frame) => views[view].paint(frame)).addTo(map);
    views[view].mount?.(map);
    map.on("mousemove", tonggou.corner.pointer);
    map.on("moveend zoomend resize", () => { if (state.view === view) tonggou.corner.ruler(map); });
    map.on("click", (event) => {
      const frame = sheets[view].frame, point = map.project(event.latlng);
      const found = frame && views[view].pick(frame, point.x - frame.left, point.y - frame.top);
      if ((found === undefined || found === null) && tonggou.existing.pick(view, event.latlng)) return;
      views[view].choose(found ?? undefined);
    });
  }

  const fit = (view) => {
    const map = maps[view];
    if (!map) return;
    map.invalidateSize({ animate: false });
    if (map.getSize().x && !fitted.has(view)) {
      const box = views[view].extent(), margin = narrow.matches ? 16 : 40;
      map.fitBounds(box ? degrees(box) : data("base").bounds, { animate: false, padding: [margin, margin], maxZoom: 17 });
      fitted.add(view);
    }
    tonggou.corner.ruler(map);
    sheets[view].redraw();
  };
  const degrees = (box) => {
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
    return L.latLngBounds([lat(box.south), box.west * 360 - 180], [lat(box.north), box.east * 360 - 180]);
  };
  const bring = () => {
    const map = maps[state.view], box = views[state.view].bounds();
    if (!map || !box) return;
    const bounds = degrees(box), seen = map.getBounds().pad(-0.12);
    if (!seen.contains(bounds) || map.getZoom() < 14) map.fitBounds(bounds, { maxZoom: state.view === "coverage" ? 14 : 16.5, padding: [80, 80], animate: false }).panBy([-(views[state.view].aside?.() ?? 0), 0], { animate: false });
  };

  const press = (selector, name, value) => document.querySelectorAll(selector).forEach((button) => {
    const on = button.dataset[name] === value;
    button.setAttribute("aria-selected", String(on));
    button.tabIndex = on ? 0 : -1;
  });
  const show = (changed) => {
    document.body.dataset.view = state.view;
    document.body.dataset.pane = state.pane;
    press("[data-open]", "open", state.view);
    press("[data-pane-open]", "paneOpen", state.pane);
    if (changed.has("view") || changed.has("pane")) requestAnimationFrame(() => fit(state.view));
    else if (sheets[state.view]) sheets[state.view].redraw();
    if (changed.has("chosen") && state.chosen[state.view] !== undefined) requestAnimationFrame(bring);
    address();
  };
  const address = () => {
    const parts = new URLSearchParams({ view: state.view }), key = views[state.view] && views[state.view].key();
    if (key) parts.set("id", key);
    if (state.month && state.view === "trench") parts.set("month", state.month);
    if (state.pipes) parts.set("lines", 1);
    history.replaceState(null, "", "#" + parts);
  };
  follow(show);
  follow((changed) => { if (changed.has("chosen") && narrow.matches && state.pane === "list" && (state.item || state.chosen[state.view] !== undefined)) change({ pane: "detail" }); });

  for (const [selector, name, key] of [["[data-open]", "open", "view"], ["[data-pane-open]", "paneOpen", "pane"]])
    for (const button of document.querySelectorAll(selector)) {
      button.addEventListener("click", () => change({ [key]: button.dataset[name] }));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const all = [...document.querySelectorAll(selector)], next = all[(all.indexOf(button) + step + all.length) % all.length];
        next.focus();
        next.click();
      });
    }

  tonggou.timeline.build();
  const asked = new URLSearchParams(location.hash.slice(1)), view = views[asked.get("view")] || asked.get("view") === "quality" ? asked.get("view") : "trench";
  const chosen = asked.get("id") && views[view] ? views[view].find(asked.get("id")) : undefined;
  const month = Math.max(0, Math.min(data("trench").months.length, Number(asked.get("month")) || 0));
  change({ view, pane: "map", month, list: {}, operator: null, pipes: asked.get("lines") === "1", chosen: chosen === undefined ? {} : { [view]: chosen } });
  tonggou.ready = true;
};
