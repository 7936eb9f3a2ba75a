// Coverage: signal of one operator at a time, gaps ranked, villages tested, sites that stand or are proposed.
tonggou.views.coverage = (() => {
  const { draw, data, state, word, element, number, money, change, ground } = tonggou;
  const OK = "#1F4E79", BAD = "#B45309", DARK = "#1D2730", NEW = "#B42318";
  let ready = null;

  const load = () => {
    if (ready || !data("coverage")) return ready;
    const block = data("coverage");
    const placed = (table) => table.at.map((at) => (at.length ? draw.position(at) : null));
    ready = {
      ...block,
      gap: block.gaps.lines.map((lines, i) => ({ i, parts: draw.shape(lines), operator: block.gaps.operator[i] })),
      village: placed(block.villages).map((at, i) => ({ i, at, operator: block.villages.operator[i] })),
      site: placed(block.infill).map((at, i) => ({ i, at, operator: block.infill.operator[i] })),
      tower: placed(block.sites).map((at, i) => ({ i, at })),
      weak: block.measured.lines.map((lines, i) => ({ i, parts: draw.shape(lines), operator: block.measured.operator[i] })),
    };
    ready.gap.sort((a, b) => block.gaps.rank[a.i] - block.gaps.rank[b.i]);
    ready.site.sort((a, b) => block.infill.rank[a.i] - block.infill.rank[b.i]);
    return ready;
  };
  const operator = () => state.operator || (load().operators.includes("any") ? "any" : load().operators[0]);
  const mine = (row) => !row.operator || row.operator === operator();
  // a site is proposed to one operator: under the summaries those of all are shown
  const proposed = (row) => mine(row) || ["any", "all"].includes(operator());
  const is = (kind, i) => { const chosen = state.chosen.coverage; return Boolean(chosen) && chosen.kind === kind && chosen.i === i; };
  const choose = (kind, i) => change({ chosen: { ...state.chosen, coverage: { kind, i } } });

  const paint = (frame) => {
    if (!load()) return;
    ground.roads(frame, { over: true });
    gaps(frame);
    weak(frame);
    towers(frame);
    villages(frame);
    sites(frame);
    ground.names(frame);
  };
  const gaps = (frame) => {
    const all = new Path2D(), chosen = new Path2D();
    for (const gap of load().gap) {
      if (!mine(gap)) continue;
      for (const part of gap.parts) {
        if (!draw.seen(frame, part)) continue;
        const given = draw.points(frame, part);
        draw.trace(all, given, true);
        if (is("gaps", gap.i)) draw.trace(chosen, given, true);
      }
    }
    frame.pen.fillStyle = draw.hatch(frame, "rgba(29,39,48,0.5)");
    frame.pen.fill(all, "evenodd");
    draw.stroke(frame, all, DARK, 1.2);
    draw.stroke(frame, chosen, "#FFFFFF", 6);
    draw.stroke(frame, chosen, DARK, 3);
  };
  const weak = (frame) => {
    for (const row of load().weak) {
      if (!proposed(row)) continue;
      const path = new Path2D();
      for (const part of row.parts) if (draw.seen(frame, part)) draw.trace(path, draw.points(frame, part), true);
      draw.stroke(frame, path, "#FFFFFF", is("measured", row.i) ? 7 : 4);
      draw.stroke(frame, path, BAD, is("measured", row.i) ? 4 : 2);
    }
  };
  const on = (frame, at) => at && [frame.x(at[0]), frame.y(at[1])];
  const towers = (frame) => {
    const { tower, sites: table } = load(), shown = operator(), radius = Math.max(4, Math.min(14, 7 * Math.pow(1.4, frame.zoom - 12)));
    for (const { i, at } of tower) {
      const point = on(frame, at), own = table.operators[i];
      if (!point || (own.length && !["any", "all"].includes(shown) && !own.includes(shown))) continue;
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
    const { village, villages: table } = load();
    for (const row of village) {
      const point = mine(row) && on(frame, row.at);
      if (!point) continue;
      const pass = table.covered[row.i], pen = frame.pen, size = is("villages", row.i) ? 6 : 4;
      pen.beginPath();
      pen.rect(point[0] - size, point[1] - size, 2 * size, 2 * size);
      pen.fillStyle = pass ? "#FFFFFF" : BAD;
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = pass ? OK : "#FFFFFF";
      pen.stroke();
      frame.place(...point, 2 * size, 2 * size);
    }
  };
  const sites = (frame) => {
    const { site, infill } = load(), all = ["any", "all"].includes(operator()), named = [], apart = draw.placer();
    for (const row of site.slice().sort((a, b) => is("infill", b.i) - is("infill", a.i))) {
      const point = proposed(row) && on(frame, row.at);
      if (!point) continue;
      // where two would cover one another the better one is named, the other a plain dot below it
      if (apart(...point, 16, 16)) named.push([row, point]);
      else draw.disc(frame, ...point, 5, NEW, "#FFFFFF", 1);
    }
    for (const [row, point] of named.reverse()) {
      const chosen = is("infill", row.i);
      const text = (all && row.operator ? word("initial." + row.operator) : "") + (infill.rank[row.i] ?? "");
      draw.disc(frame, ...point, (text.length > 1 ? 11 : 9) + (chosen ? 3 : 0), NEW, "#FFFFFF", chosen ? 3 : 1.5);
      draw.label(frame, text, point[0], point[1] + 0.5, { colour: "#FFFFFF", halo: NEW, weight: 600, force: true });
    }
  };

  const pick = (frame, x, y) => {
    if (!load()) return null;
    let best = 14, found = null;
    for (const [kind, rows] of [["infill", load().site.filter(proposed)], ["villages", load().village.filter(mine)]])
      for (const row of rows) {
        const point = on(frame, row.at), away = point ? Math.hypot(point[0] - x, point[1] - y) : Infinity;
        if (away < best) { best = away; found = { kind, i: row.i }; }
      }
    if (found) return found;
    const place = [(x + frame.left) / frame.scale, (y + frame.top) / frame.scale];
    const low = load().weak.find((row) => proposed(row) && draw.inside(row.parts, ...place));
    if (low) return { kind: "measured", i: low.i };
    const hit = load().gap.find((gap) => mine(gap) && draw.inside(gap.parts, ...place));
    return hit ? { kind: "gaps", i: hit.i } : null;
  };

  const choice = () => {
    if (!load()) return "";
    return element("select", { "aria-label": word("column.operator"), onchange: (event) => change({ operator: event.target.value }) },
      ...load().operators.map((key) => element("option", { value: key, selected: key === operator() }, word("operator." + key))));
  };
  const lists = () => {
    if (!load()) return [];
    const { gaps: gap, villages: village, infill, measured } = load(), label = (key) => word("column." + key);
        const list = (key, rows, text, columns) => ({ key, rows: rows.filter(["infill", "measured"].includes(key) ? proposed : mine), text, columns, chosen: (row) => is(key, row.i), choose: (row) => choose(key, row.i) });
    const column = (name, width, table, key, digits) => ({ label: label(name), width, number: digits !== undefined, value: (row) => table[key][row.i], show: (row) => (digits === undefined ? table[key][row.i] || "–" : number(table[key][row.i], digits)) });
    return [
      list("gaps", load().gap, (row) => [gap.gap_id[row.i], gap.key_area[row.i]].join(" "), [
        column("rank", "28px", gap, "rank", 0), column("people", "64px", gap, "people", 0),
        { ...column("area", "68px", gap, "area_km2", 2), label: label("area") + " km²" },
        { ...column("road", "68px", gap, "road_km", 1), label: label("road") + " km" },
        { label: word("detail.key_area"), width: "minmax(0,1fr)", value: (row) => gap.key_area[row.i], show: (row) => area(gap.key_area[row.i]) },
      ]),
      list("villages", load().village, (row) => [village.village[row.i], village.town[row.i]].join(" "), [
        column("village", "minmax(0,1fr)", village, "village"),
        { label: label("result"), width: "64px", value: (row) => village.covered[row.i], show: (row) => word(village.covered[row.i] ? "detail.covered" : "detail.failed"), tone: (row) => (village.covered[row.i] ? "quiet" : "warning") },
        { ...column("site_km", "88px", village, "nearest_site_km", 1), label: label("site_km") + " km" },
        { label: word("detail.tested"), width: "92px", number: true, value: (row) => village.places_covered[row.i], show: (row) => number(village.places_covered[row.i]) + " / " + number(village.places[row.i]) },
      ]),
      list("infill", load().site, (row) => [infill.candidate_id[row.i], infill.site_kind[row.i]].join(" "), [
        column("rank", "28px", infill, "rank", 0),
        { label: label("operator"), width: "64px", value: (row) => row.operator, show: (row) => (row.operator ? word("operator." + row.operator) : "–") },
        { label: label("kind"), width: "minmax(0,1fr)", value: (row) => infill.site_kind[row.i], show: (row) => kindOf(infill.site_kind[row.i]) },
        column("gained", "80px", infill, "people_gained", 0),
        { ...column("area", "80px", infill, "area_gained_km2", 2), label: label("area") + " km²" },
        { label: label("site_cost") + " " + word("unit.wan"), width: "80px", number: true, value: (row) => infill.cost_yuan[row.i], show: (row) => money(infill.cost_yuan[row.i]) },
      ]),
      list("measured", load().weak, (row) => [measured.gap_id[row.i], measured.cell_id[row.i]].join(" "), [
        { label: label("operator"), width: "92px", value: (row) => row.operator, show: (row) => word("operator." + row.operator) },
        { ...column("measured", "72px", measured, "measured_dbm", 0), hint: "dBm" },
        { ...column("predicted", "72px", measured, "predicted_dbm", 0), hint: "dBm" },
        column("samples", "56px", measured, "samples", 0),
        column("cell", "minmax(0,1fr)", measured, "cell_id"),
      ]),
    ];
  };
  const kindOf = (text) => (text ? word("site." + text) : "–");
  const area = (text) => (text ? text.split(/[,;、]/).map((part) => word("area." + part.trim())).join(tonggou.language === "en" ? ", " : "、") : "–");

  const detail = () => {
    const chosen = state.chosen.coverage;
    if (!chosen || !load()) return null;
    const { gaps: gap, villages: village, infill, measured } = load(), i = chosen.i, pane = tonggou.detail, said = (key) => word("detail." + key);
    const who = (table) => (table.operator[i] ? word("operator." + table.operator[i]) : null);
    if (chosen.kind === "gaps")
      return [pane.head(`${said("gap")} ${number(gap.rank[i])}`, gap.gap_id[i], pane.badge(who(gap) || "", "quiet")),
        pane.facts([[said("people"), number(gap.people[i]), word("unit.people")], [said("households"), number(gap.households[i])], [said("area"), number(gap.area_km2[i], 2), "km²"], [said("road"), number(gap.road_km[i], 1), "km"], [said("places"), number(gap.places[i])], [said("key_area"), area(gap.key_area[i]), null, true], [said("power_m"), number(gap.power_m[i]), "m"], [said("fibre_m"), number(gap.fibre_m[i]), "m"]])];
    if (chosen.kind === "measured")
      return [pane.head(`${said("measured_gap")} ${number(measured.rank[i])}`, measured.gap_id[i], pane.badge(who(measured), "warning")),
        pane.facts([[said("measured"), number(measured.measured_dbm[i], 1), "dBm"], [said("predicted"), number(measured.predicted_dbm[i], 1), "dBm"], [said("samples"), number(measured.samples[i])], [said("area"), number(measured.area_km2[i], 3), "km²"], [said("cell"), measured.cell_id[i] || "–", null, true], [said("predicted_cell"), measured.predicted_cell_id[i] || "–", null, true]]),
        element("p", { class: "note" }, said("measured_note"))];
    if (chosen.kind === "villages")
      return [pane.head(village.village[i], village.town[i] || "", pane.badge(said(village.covered[i] ? "covered" : "failed"), village.covered[i] ? "" : "warning")),
        pane.facts([[said("operator"), who(village), null, true], [said("nearest"), number(village.nearest_site_km[i], 1), "km"], [said("tested"), `${number(village.places_covered[i])} / ${number(village.places[i])}`]]),
        ...(village.reason[i] ? pane.section(said("reason"), null, element("p", {}, village.reason[i])) : [])];
    return [pane.head(`${said("infill")} ${number(infill.rank[i])}`, infill.candidate_id[i], pane.badge(who(infill) || "", "quiet")),
      pane.facts([[said("gained"), number(infill.people_gained[i]), word("unit.people")], [said("area_gained"), number(infill.area_gained_km2[i], 2), "km²"], [said("way_gained"), number(infill.way_gained_m[i] / 1000, 1), "km"], [said("kind"), kindOf(infill.site_kind[i]), null, true], [said("height"), number(infill.height_m[i]), "m"], ...["power_m", "fibre_m"].map((key) => [said(key), number(infill[key][i]), "m"])]),
      ...pane.section(said("costs"), word("page.assumed_price"), pane.table([["", ""], [word("unit.wan"), "number"]],
        ["site_yuan", "power_yuan", "fibre_yuan"].map((key) => [said(key), money(infill[key][i])]), [said("site_total"), money(infill.cost_yuan[i])]))];
  };

  const legend = () => {
    if (!load()) return [];
    const part = tonggou.legend, { signal, signalEdges: edges } = data("palette");
    const span = (i) => (i === 0 ? `< ${edges[0]}` : i === signal.length - 1 ? `≥ ${edges[i - 1]}` : `${edges[i - 1]} … ${edges[i]}`);
    return [
      element("h3", {}, word("map.signal"), element("span", {}, "dBm")),
      ...signal.map((_, k) => signal.length - 1 - k).map((i) => part.patch(signal[i], word("map.signal_" + i), span(i))),
      element("hr"),
      part.hatch(word("map.gap"), load().gap.filter(mine).length),
      ...(load().weak.length ? [part.mark((frame) => part.square(frame, "#FFFFFF", BAD), word("map.measured_gap"), load().weak.filter(proposed).length)] : []),
      part.mark((frame) => { draw.disc(frame, 18, 8, 3, OK, "#FFFFFF", 1); }, word("map.site"), load().tower.length),
      part.mark((frame) => { draw.disc(frame, 18, 8, 6, NEW, "#FFFFFF", 1); }, word("map.infill"), load().site.filter(proposed).length),
      part.mark((frame) => part.square(frame, "#FFFFFF", OK), word("map.village_ok"), load().village.filter((row) => mine(row) && load().villages.covered[row.i]).length),
      part.mark((frame) => part.square(frame, BAD, "#FFFFFF"), word("map.village_bad"), load().village.filter((row) => mine(row) && !load().villages.covered[row.i]).length),
    ];
  };
  const show = () => {
    if (!load()) return;
    for (const [key, layer] of Object.entries(tonggou.rasters)) {
      const wanted = key === "relief" || key === "signal_" + operator();
      if (wanted) layer.addTo(tonggou.maps.coverage); else layer.remove();
    }
  };
  tonggou.follow((changed) => { if (changed.has("operator") || changed.has("view")) show(); });

  const bounds = () => {
    const chosen = state.chosen.coverage;
    if (!chosen || !load()) return null;
    const outlined = { gaps: load().gap, measured: load().weak }[chosen.kind];
    if (outlined) return draw.around(outlined.find((row) => row.i === chosen.i).parts);
    const { at } = (chosen.kind === "villages" ? load().village : load().site).find((row) => row.i === chosen.i);
    return at && { west: at[0], east: at[0], north: at[1], south: at[1] };
  };
  const key = () => (state.chosen.coverage ? state.chosen.coverage.kind + "." + state.chosen.coverage.i : undefined);
  const find = (text) => { const [kind, i] = text.split("."); return load() && { gaps: load().gap, villages: load().village, infill: load().site, measured: load().weak }[kind]?.some((row) => row.i === Number(i)) ? { kind, i: Number(i) } : undefined; };
  return { paint, pick, lists, choice, detail, legend, show, bounds, extent: () => null, key, find, choose: (found) => change({ chosen: { ...state.chosen, coverage: found } }) };
})();
