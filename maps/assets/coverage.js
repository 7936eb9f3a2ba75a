// Coverage on the map: one network at a time before and after infill, gaps, villages, sites that stand or are proposed.
tonggou.views.coverage = (() => {
  const { draw, data, state, word, element, number, change, ground, swipe } = tonggou;
  const OK = "#1F4E79", BAD = "#B45309", DARK = "#1D2730", NEW = "#B42318", GREY = "#7B868E";
  const UNSURE = "rgba(255,255,255,0.85)";
  const VERDICTS = { failed: [BAD, "#FFFFFF"], unsure: [GREY, "#FFFFFF"], covered: ["#FFFFFF", OK] };
  let ready = null;

  const load = () => {
    if (ready || !data("coverage")) return ready;
    const block = data("coverage");
    const placed = (table) => table.at.map((at, i) => ({ i, at: at.length ? draw.position(at) : null, operator: table.operator[i] }));
    const outlined = (table) => table.lines.map((lines, i) => ({ i, parts: draw.shape(lines), operator: table.operator[i] }));
    const ranked = (rows, table) => rows.sort((a, b) => table.rank[a.i] - table.rank[b.i]);
    const judged = (row) => {
      const verdict = block.villages.uncertain[row.i] ? "unsure" : block.villages.covered[row.i] ? "covered" : "failed";
      return { ...row, verdict, order: Object.keys(VERDICTS).indexOf(verdict) };
    };
    const proposals = ranked(placed(block.infill), block.infill), points = (row) => row.operator === "wifi";
    ready = {
      ...block,
      kinds: {
        gaps: ranked(outlined(block.gaps), block.gaps),
        villages: placed(block.villages).map(judged).sort((a, b) => a.order - b.order),
        infill: proposals.filter((row) => !points(row)),
        wifi: proposals.filter(points),
        measured: outlined(block.measured),
      },
      left: outlined(block.left),
      ways: block.infill.at.map((_, i) => [["power", block.infill.power_lines[i]], ["telecom", block.infill.fibre_lines[i]]].map(([utility, lines]) => ({ utility: tonggou.utilities().indexOf(utility), parts: draw.shape(lines) }))),
      tower: block.sites.at.map((at, i) => ({ i, at: at.length ? draw.position(at) : null })),
      veils: Object.fromEntries(["before", "after"].map((side) => [side, new Map(Object.entries(block.uncertain[side]).map(([key, picture]) => [key, veil(picture)]))])),
    };
    return ready;
  };
  const veil = ({ address, bounds }) => {
    const picture = new Image(), [[south, west], [north, east]] = bounds;
    picture.addEventListener("load", () => swipe.redraw());
    picture.src = address;
    return { picture, corners: [[west, north], [east, south]].map((corner) => draw.position(corner.map((degrees) => degrees * 1e6))) };
  };

  const operator = () => state.operator || load().operators[0];
  const summary = () => ["any", "all"].includes(operator());
  const mine = (row) => row.operator === operator();
  // a site is proposed to one operator: under the summaries those of all are shown; Wi-Fi serves everybody
  const shown = (kind) => (row) => kind === "wifi" || mine(row) || (summary() && ["infill", "measured"].includes(kind));
  const rows = (kind) => load().kinds[kind].filter(shown(kind));
  const compared = () => "after_" + operator() in tonggou.rasters;
  const is = (kind, i) => tonggou.coverage.is(kind, i);

  // what lies under the divider: where two models disagree, and the gaps of that side
  const paintSide = (frame, side) => {
    if (!load()) return;
    const unsure = load().veils[side].get(operator());
    if (unsure && unsure.picture.complete) draw.veil(frame, unsure.picture, unsure.corners, draw.hatch(frame, UNSURE, true));
    const path = new Path2D();
    trace(frame, path, side === "after" ? load().left.filter(mine) : rows("gaps"));
    frame.pen.fillStyle = draw.hatch(frame, "rgba(29,39,48,0.5)");
    frame.pen.fill(path, "evenodd");
    draw.stroke(frame, path, DARK, 1.2);
  };
  const trace = (frame, path, outlines) => {
    for (const row of outlines) for (const part of row.parts) if (draw.seen(frame, part)) draw.trace(path, draw.points(frame, part), true);
  };
  const paint = (frame) => {
    if (!load()) return;
    ground.roads(frame, { over: true });
    halo(frame);
    weak(frame);
    towers(frame);
    villages(frame);
    ways(frame);
    wifi(frame);
    sites(frame);
    ground.names(frame);
  };
  const halo = (frame) => {
    const path = new Path2D();
    trace(frame, path, rows("gaps").filter((row) => is("gaps", row.i)));
    draw.stroke(frame, path, "#FFFFFF", 6);
    draw.stroke(frame, path, DARK, 3);
  };
  const weak = (frame) => {
    for (const row of rows("measured")) {
      const path = new Path2D();
      trace(frame, path, [row]);
      draw.stroke(frame, path, "#FFFFFF", is("measured", row.i) ? 7 : 4);
      draw.stroke(frame, path, BAD, is("measured", row.i) ? 4 : 2);
    }
  };
  const on = (frame, at) => at && [frame.x(at[0]), frame.y(at[1])];
  const towers = (frame) => {
    const { tower, sites: table } = load(), radius = Math.max(4, Math.min(14, 7 * Math.pow(1.4, frame.zoom - 12)));
    for (const { i, at } of tower) {
      const point = on(frame, at), own = table.operators[i];
      if (!point || (own.length && !summary() && !own.includes(operator()))) continue;
      const pen = frame.pen;
      pen.fillStyle = "rgba(31,78,121,0.30)";
      for (const azimuth of table.azimuths[i]) {
        const middle = ((azimuth - 90) * Math.PI) / 180;
        pen.beginPath();
        pen.moveTo(...point);
        pen.arc(...point, radius, middle - 0.5, middle + 0.5);
        pen.fill();
      }
      draw.disc(frame, ...point, 2.5, OK, "#FFFFFF", 1);
      frame.place(...point, 8, 8);
    }
  };
  const villages = (frame) => {
    for (const row of rows("villages").reverse()) {
      const point = on(frame, row.at);
      if (!point) continue;
      const [fill, edge] = VERDICTS[row.verdict], pen = frame.pen, size = is("villages", row.i) ? 6 : 4;
      pen.beginPath();
      pen.rect(point[0] - size, point[1] - size, 2 * size, 2 * size);
      pen.fillStyle = fill;
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = edge;
      pen.stroke();
      frame.place(...point, 2 * size, 2 * size);
    }
  };
  const diamond = (frame, x, y, size) => {
    const path = new Path2D();
    draw.trace(path, [x, y - size, x + size, y, x, y + size, x - size, y], true);
    frame.pen.fillStyle = "#FFFFFF";
    frame.pen.fill(path);
    draw.stroke(frame, path, NEW, 2);
  };
  const wifi = (frame) => {
    for (const row of rows("wifi")) {
      const point = on(frame, row.at);
      if (!point) continue;
      diamond(frame, ...point, is("wifi", row.i) ? 8 : 5);
      frame.place(...point, 10, 10);
    }
  };
  // power and fibre to the proposed sites, those of the chosen one bold
  const ways = (frame) => {
    for (const row of rows("infill")) {
      const chosen = is("infill", row.i);
      if (!chosen && frame.zoom < 12.5) continue;
      for (const { utility, parts } of load().ways[row.i]) {
        const path = new Path2D();
        for (const part of parts) if (draw.seen(frame, part)) draw.trace(path, draw.points(frame, part));
        if (chosen) draw.stroke(frame, path, "#FFFFFF", 5);
        draw.stroke(frame, path, tonggou.ink(utility).colour, chosen ? 2.4 : 1.2);
      }
    }
  };
  const sites = (frame) => {
    const { infill } = load(), named = [], apart = draw.placer();
    for (const row of rows("infill").sort((a, b) => is("infill", b.i) - is("infill", a.i))) {
      const point = on(frame, row.at);
      if (!point) continue;
      // where two would cover one another the better one is named, the other a plain dot below it
      if (apart(...point, 16, 16)) named.push([row, point]);
      else draw.disc(frame, ...point, 5, NEW, "#FFFFFF", 1);
    }
    for (const [row, point] of named.reverse()) {
      const chosen = is("infill", row.i);
      const text = (summary() && row.operator !== operator() ? word("initial." + row.operator) : "") + (infill.rank[row.i] ?? "");
      draw.disc(frame, ...point, (text.length > 1 ? 11 : 9) + (chosen ? 3 : 0), NEW, "#FFFFFF", chosen ? 3 : 1.5);
      draw.label(frame, text, point[0], point[1] + 0.5, { colour: "#FFFFFF", halo: NEW, weight: 600, force: true });
      frame.place(...point, 24, 24);
    }
  };

  const pick = (frame, x, y) => {
    if (!load()) return null;
    let best = 14, found = null;
    for (const kind of ["infill", "wifi", "villages"])
      for (const row of rows(kind)) {
        const point = on(frame, row.at), away = point ? Math.hypot(point[0] - x, point[1] - y) : Infinity;
        if (away < best) { best = away; found = { kind, i: row.i }; }
      }
    if (found) return found;
    const place = [(x + frame.left) / frame.scale, (y + frame.top) / frame.scale];
    for (const kind of ["measured", "gaps"]) {
      const hit = rows(kind).find((row) => draw.inside(row.parts, ...place));
      if (hit) return { kind, i: hit.i };
    }
    return null;
  };

  // what is chosen stays so only where the other network has it too
  const turn = (key) => {
    change({ operator: key });
    const chosen = state.chosen.coverage;
    if (chosen && !rows(chosen.kind).some((row) => row.i === chosen.i)) change({ chosen: { ...state.chosen, coverage: undefined } });
  };
  const choice = () => {
    if (!load()) return "";
    return element("select", { "aria-label": word("column.operator"), onchange: (event) => turn(event.target.value) },
      ...load().operators.map((key) => element("option", { value: key, selected: key === operator() }, word("operator." + key))));
  };
  const networks = () => {
    const root = document.getElementById("networks");
    if (!root.firstChild)
      root.append(...load().operators.map((key) => element("button", {
        type: "button", role: "radio", value: key, title: word("operator." + key), onclick: () => turn(key),
        onkeydown: (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], all = [...root.children];
          if (!step) return;
          event.preventDefault();
          const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
          next.click();
          next.focus();
        },
      }, word("network." + key))));
    for (const button of root.children) {
      button.setAttribute("aria-checked", String(button.value === operator()));
      button.tabIndex = button.value === operator() ? 0 : -1;
    }
  };

  const legend = () => {
    if (!load()) return [];
    const part = tonggou.legend, { signal, signalEdges: edges } = data("palette"), own = load().stated[operator()];
    const span = (i) => (i === 0 ? `< ${number(edges[0])}` : i === signal.length - 1 ? `≥ ${number(edges[i - 1])}` : `${number(edges[i - 1])} … ${number(edges[i])}`);
    const km2 = [own.gap_km2, ...(compared() ? [own.gap_km2_after] : [])].map((area) => number(area, 1)).join(" → ") + " km²";
    const squares = (verdict) => part.mark((frame) => part.square(frame, ...VERDICTS[verdict]), word("map.village_" + verdict), rows("villages").filter((row) => row.verdict === verdict).length);
    return [
      element("h3", {}, word("map.signal"), element("span", {}, "dBm")),
      ...signal.map((_, k) => signal.length - 1 - k).map((i) => part.patch(signal[i], word("map.signal_" + i), span(i))),
      part.text(word("map.threshold", { dbm: number(load().threshold, Number.isInteger(load().threshold) ? 0 : 1) })),
      element("hr"),
      part.hatch(word("map.gap"), km2),
      ...(own.uncertain_share === null ? [] : [part.veil(signal[1], UNSURE, word("map.uncertain"), number(100 * own.uncertain_share, 1) + " %")]),
      ...(load().kinds.measured.length ? [part.mark((frame) => part.square(frame, "#FFFFFF", BAD), word("map.measured_gap"), rows("measured").length)] : []),
      element("hr"),
      part.mark((frame) => { draw.disc(frame, 18, 8, 3, OK, "#FFFFFF", 1); }, word("map.site"), load().tower.length),
      part.mark((frame) => { draw.disc(frame, 18, 8, 6, NEW, "#FFFFFF", 1); }, word("map.infill"), rows("infill").length),
      ...(load().ways.some((of) => of.some((way) => way.parts.length)) ? ["power", "telecom"].map((name) => part.mark((frame) => {
        const path = new Path2D();
        draw.trace(path, [1, 8, 35, 8]);
        draw.stroke(frame, path, tonggou.ink(tonggou.utilities().indexOf(name)).colour, 1.6);
      }, word("map.way_" + name))) : []),
      ...(load().wifi ? [part.mark((frame) => diamond(frame, 18, 8, 5), word("map.wifi"), rows("wifi").length)] : []),
      ...["covered", "unsure", "failed"].map(squares),
    ];
  };

  const mount = (map) => { swipe.mount(map, paintSide); show(); };
  const show = () => {
    if (!load()) return;
    for (const [key, layer] of Object.entries(tonggou.rasters)) {
      const [side, name] = key.split("_");
      if (key === "relief") continue;
      if (name === operator()) swipe.put(layer, side === "after" ? "after" : "before");
      else layer.remove();
    }
    for (const figures of document.querySelectorAll("[data-network]")) figures.hidden = figures.dataset.network !== operator();
    swipe.open(compared());
    swipe.redraw();
    networks();
  };
  tonggou.follow((changed) => { if (["operator", "view"].some((key) => changed.has(key)) && tonggou.maps.coverage) show(); });

  const bounds = () => {
    const chosen = state.chosen.coverage;
    if (!chosen || !load()) return null;
    const { at, parts } = load().kinds[chosen.kind].find((row) => row.i === chosen.i);
    const led = chosen.kind === "infill" ? load().ways[chosen.i].flatMap((way) => way.parts) : [];
    if (led.length) return draw.around(led);
    return parts ? draw.around(parts) : at && { west: at[0], east: at[0], north: at[1], south: at[1] };
  };
  // how far right of the middle a chosen point comes to lie, so that the divider does not cover it
  const aside = () => (state.chosen.coverage && compared() && !["gaps", "measured"].includes(state.chosen.coverage.kind) ? 48 : 0);
  const key = () => (state.chosen.coverage ? state.chosen.coverage.kind + "." + state.chosen.coverage.i : undefined);
  const find = (text) => { const [kind, i] = text.split("."); return load()?.kinds[kind]?.some((row) => row.i === Number(i)) ? { kind, i: Number(i) } : undefined; };
  return {
    load, shown, summary, mount, paint, pick, choice, legend, bounds, aside, extent: () => null, key, find,
    lists: () => tonggou.coverage.lists(), detail: () => tonggou.coverage.detail(), choose: (found) => tonggou.coverage.choose(found),
  };
})();
