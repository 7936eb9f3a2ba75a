// Routes to the red lines: trenches with their lines side by side, parcels, tie-ins, what cannot be reached.
tonggou.views.extension = (() => {
  const { draw, data, state, word, element, number, money, change, ground } = tonggou;
  const STOP = "#B42318", ACCENT = "#1F4E79";
  let ready = null;

  const load = () => {
    if (ready) return ready;
    const block = data("extension");
    const parcels = block.parcels.lines.map((lines, i) => ({ i, parts: draw.shape(lines), at: block.parcels.at[i].length ? draw.position(block.parcels.at[i]) : null, missing: false, asked: false }));
    for (const i of block.unreachable.parcel) if (i >= 0) parcels[i].missing = parcels[i].asked = true;
    for (const i of block.connections.parcel) if (i >= 0) parcels[i].asked = true;
    const trenches = block.trenches.lines.flatMap((lines, i) => draw.shape(lines).map((part) => ({ i, part: draw.eastward(part), utilities: block.trenches.utilities[i], inWork: block.trenches.in_work[i] })));
    const routes = block.connections.lines.map((lines) => draw.shape(lines).map(draw.eastward));
    const rows = [
      ...block.unreachable.application_id.map((_, i) => ({ kind: "unreachable", i })),
      ...block.connections.application_id.map((_, i) => ({ kind: "connections", i })),
    ];
    const tieIns = block.tie_ins.at.map((at, i) => ({ i, at: at.length ? draw.position(at) : null }));
    const kept = block.reserves.ducts.flatMap(([i, utility, lines]) => draw.shape(lines).map((part) => ({ i, utility, part: draw.eastward(part) })));
    const entries = block.candidates.lines.map((lines) => draw.shape(lines));
    ready = { ...block, parcel: parcels, trench: trenches, routes, rows, tieIns, kept, entries };
    return ready;
  };
  const table = (row) => load()[row.kind];
  const utility = (row) => table(row).utility[row.i];
  const parcelName = (i) => (i < 0 ? "–" : load().parcels.name[i] || load().parcels.parcel_id[i]);
  const is = (row) => { const chosen = state.chosen.extension; return Boolean(chosen) && chosen.kind === row.kind && chosen.i === row.i; };
  const choose = (row) => change({ chosen: { ...state.chosen, extension: row && { kind: row.kind, i: row.i } } });
  const redLine = () => data("palette").redLine[state.standard ? "standard" : "tuned"];

  const spacing = (frame) => Math.max(1.6, Math.min(6, 3.6 * Math.pow(1.45, frame.zoom - 15)));
  const paint = (frame) => {
    const step = spacing(frame);
    ground.areas(frame);
    ground.roads(frame);
    parcels(frame);
    trenches(frame, step);
    ducts(frame, step);
    entries(frame);
    route(frame, step);
    tieIns(frame);
    ground.names(frame);
    titles(frame);
  };
  const parcels = (frame) => {
    const asked = new Path2D(), small = new Path2D(), missing = new Path2D(), quiet = new Path2D(), halo = new Path2D();
    const chosen = state.chosen.extension, own = chosen ? table(chosen).parcel[chosen.i] : -1;
    for (const parcel of load().parcel)
      for (const part of parcel.parts) {
        if (!draw.seen(frame, part)) continue;
        const given = draw.points(frame, part);
        const tiny = (part.east - part.west) * frame.scale < 30;
        draw.trace(parcel.missing ? missing : parcel.asked ? (tiny ? small : asked) : quiet, given, true);
        if (parcel.i === own) draw.trace(halo, given, true);
      }
    const pen = frame.pen, colour = redLine();
    pen.globalAlpha = 0.06; pen.fillStyle = colour; pen.fill(asked, "evenodd"); pen.fill(small, "evenodd");
    pen.globalAlpha = 0.14; pen.fillStyle = STOP; pen.fill(missing, "evenodd");
    pen.globalAlpha = 1;
    draw.stroke(frame, quiet, "#C9C6D2", 1, [4, 3]);
    draw.stroke(frame, small, colour, 0.8);
    draw.stroke(frame, halo, "#1D2730", 7);
    for (const [path, tint] of [[asked, colour], [missing, STOP]]) {
      draw.stroke(frame, path, "#FFFFFF", 3.5);
      draw.stroke(frame, path, tint, 1.4, [6, 3]);
    }
  };
  const trenches = (frame, step) => {
    const beds = new Map(), lines = new Map(), letters = [];
    for (const trench of load().trench) {
      const shown = trench.utilities.filter((one) => !state.hidden.has(one));
      if (!shown.length || !draw.seen(frame, trench.part)) continue;
      const given = draw.points(frame, trench.part), key = (trench.inWork ? ACCENT : "#8A96A0") + "|" + shown.length;
      if (!beds.has(key)) beds.set(key, new Path2D());
      draw.trace(beds.get(key), given);
      shown.forEach((one, k) => {
        if (!lines.has(one)) lines.set(one, new Path2D());
        const moved = draw.beside(given, (k - (shown.length - 1) / 2) * step);
        draw.trace(lines.get(one), moved);
        if (frame.zoom >= 15.5) letters.push([one, moved]);
      });
    }
    frame.letters = letters;
    for (const [key, path] of beds) {
      const [tint, wide] = key.split("|");
      frame.pen.globalAlpha = 0.22;
      draw.stroke(frame, path, tint, wide * step + step * 1.2, [], "butt");
    }
    frame.pen.globalAlpha = 1;
    for (const [one, path] of lines) tonggou.strokeUtility(frame, path, one, step);
  };
  // ducts kept for later: hollow dashes beside the trench
  const hollow = (frame, path, colour, wide) => {
    draw.stroke(frame, path, "#FFFFFF", wide + 2);
    draw.stroke(frame, path, colour, wide, [7, 4]);
    draw.stroke(frame, path, "#FFFFFF", wide - 2.6);
  };
  const ducts = (frame, step) => {
    const chosen = state.chosen.extension, beside = new Map();
    for (const { i, utility: kind, part } of load().kept) {
      if (state.hidden.has(kind)) continue;
      const mine = chosen && chosen.kind === "reserves" && chosen.i === i, place = beside.get(i)?.indexOf(kind) ?? -1, kinds = beside.get(i) || [];
      if (place < 0) beside.set(i, [...kinds, kind]);
      if (!draw.seen(frame, part)) continue;
      const path = new Path2D();
      draw.trace(path, draw.beside(draw.points(frame, part), (2.5 + 2 * (place < 0 ? kinds.length : place)) * step));
      hollow(frame, path, tonggou.ink(kind).colour, mine ? 8 : 5);
    }
  };
  // the two next-best ways of what is selected
  const entries = (frame) => {
    const chosen = state.chosen.extension;
    if (!chosen || chosen.kind !== "connections") return;
    for (const k of tonggou.connection.of(load().candidates, chosen.i)) {
      const path = new Path2D(), parts = load().entries[k].map((part) => draw.points(frame, part));
      for (const part of parts) draw.trace(path, part);
      draw.stroke(frame, path, "#FFFFFF", 4.5);
      draw.stroke(frame, path, "#1D2730", 1.6, [2, 4]);
    }
  };
  const route = (frame, step) => {
    const chosen = state.chosen.extension;
    if (!chosen || chosen.kind !== "connections") return;
    const path = new Path2D();
    for (const part of load().routes[chosen.i]) draw.trace(path, draw.points(frame, part));
    frame.pen.save();
    frame.pen.shadowColor = "rgba(29,39,48,0.4)";
    frame.pen.shadowBlur = 8;
    draw.stroke(frame, path, "#FFFFFF", step + 7);
    frame.pen.restore();
    draw.stroke(frame, path, tonggou.ink(utility(chosen)).colour, step + 2);
  };
  const tieIns = (frame) => {
    const { tieIns: all, tie_ins: names } = load(), chosen = state.chosen.extension;
    const used = chosen && chosen.kind === "connections" ? load().connections.tie_in_id[chosen.i] : null;
    const served = new Set(load().connections.tie_in_id);
    const near = all.filter(({ i, at }) => at && served.has(names.tie_in_id[i]) && at[0] > frame.west && at[0] < frame.east && at[1] > frame.north && at[1] < frame.south);
    const lettered = frame.zoom >= 14.5 && near.length <= 60;
    for (const { i, at } of all) {
      const kind = names.utility[i], x = at && frame.x(at[0]), y = at && frame.y(at[1]);
      if (!at || kind < 0 || state.hidden.has(kind) || x < -9 || y < -9 || x > frame.width + 9 || y > frame.height + 9) continue;
      const mine = names.tie_in_id[i] === used, pen = frame.pen, ink = tonggou.ink(kind), serves = served.has(names.tie_in_id[i]);
      if (!mine && !(lettered && serves)) {
        const small = near.length > 150 ? 1.6 : frame.zoom >= 15 ? 3.5 : 2.5;
        if (frame.zoom >= 13 && (serves || frame.zoom >= 16.5)) draw.disc(frame, x, y, serves ? small : 2.5, serves ? ink.colour : "#FFFFFF", serves ? "#FFFFFF" : ink.colour, small < 2 ? 0.6 : 1);
        continue;
      }
      const half = mine ? 9 : 7;
      if (!frame.place(x, y, 2 * half - 3, 2 * half - 3) && !mine) { draw.disc(frame, x, y, 3, ink.colour, "#FFFFFF", 1); continue; }
      pen.fillStyle = mine ? ink.colour : "#FFFFFF";
      pen.fillRect(x - half, y - half, 2 * half, 2 * half);
      pen.lineWidth = 1.5;
      pen.strokeStyle = ink.colour;
      pen.strokeRect(x - half, y - half, 2 * half, 2 * half);
      draw.label(frame, ink.letter, x, y + 0.5, { colour: mine ? "#FFFFFF" : ink.colour, halo: mine ? ink.colour : "#FFFFFF", force: true });
    }
  };
  const titles = (frame) => {
    for (const [one, given] of frame.letters) tonggou.letter(frame, one, given);
    const near = load().parcel.filter((parcel) => parcel.asked && parcel.at && parcel.parts.some((part) => draw.seen(frame, part)));
    if (frame.zoom < 14.5 || near.length > 80) return;
    for (const parcel of near)
       draw.label(frame, parcelName(parcel.i), frame.x(parcel.at[0]), frame.y(parcel.at[1]), { colour: parcel.missing ? STOP : redLine(), weight: 600 });
  };

  const pick = (frame, x, y) => {
    const { routes, parcel, rows } = load();
    let best = 10, found = null;
    routes.forEach((parts, i) => {
      if (state.hidden.has(load().connections.utility[i])) return;
      for (const part of parts) {
        if (!draw.seen(frame, part)) continue;
        const away = draw.distance(draw.points(frame, part), x, y);
        if (away < best) { best = away; found = { kind: "connections", i }; }
      }
    });
    if (found) return found;
    const hit = parcel.find((one) => one.asked && draw.inside(one.parts, (x + frame.left) / frame.scale, (y + frame.top) / frame.scale));
    return hit ? rows.find((row) => table(row).parcel[row.i] === hit.i) : null;
  };

  const lists = () => {
    const { connections } = load(), label = (key) => word("column." + key);
    const amount = (row, key) => (row.kind === "connections" ? connections[key][row.i] : null);
    return [{
      key: "applications", rows: load().rows, kept: (row) => !state.hidden.has(utility(row)),
      text: (row) => [table(row).application_id[row.i], parcelName(table(row).parcel[row.i]), table(row).reason?.[row.i]].join(" "),
      chosen: is, choose,
      columns: [
        { label: label("parcel"), width: "minmax(0,1fr)", value: (row) => parcelName(table(row).parcel[row.i]), show: (row) => parcelName(table(row).parcel[row.i]), tone: (row) => (row.kind === "unreachable" ? "stop" : "") },
        { label: label("utility"), width: "40px", value: utility, show: (row) => tonggou.chips(utility(row) < 0 ? [] : [utility(row)]) },
        { label: label("length") + " m", width: "52px", number: true, value: (row) => amount(row, "length_m"), show: (row) => number(amount(row, "length_m")) },
        { label: label("saved") + " " + word("unit.wan"), width: tonggou.language === "en" ? "80px" : "60px", number: true, value: (row) => (row.kind === "connections" ? connections.separate_yuan[row.i] - connections.cost_yuan[row.i] : null), show: (row) => (row.kind === "connections" ? money(connections.separate_yuan[row.i] - connections.cost_yuan[row.i]) : "–") },
        { label: label("deadline"), width: "84px", number: true, value: (row) => amount(row, "deadline_on"), show: (row) => (row.kind === "unreachable" ? word("detail.unreachable") : amount(row, "deadline_on") || word("detail.no_deadline")), tone: (row) => (row.kind === "unreachable" ? "stop" : amount(row, "deadline_on") ? "" : "quiet") },
      ],
    }, reserves()];
  };

  const reserves = () => {
    const { reserves: all } = load(), label = (key) => word("column." + key), wide = tonggou.language === "en" ? "80px" : "66px";
    const rows = all.parcel.map((_, i) => ({ kind: "reserves", i }));
    return {
      key: "reserves", rows, text: (row) => [all.application_id[row.i], parcelName(all.parcel[row.i])].join(" "), chosen: is, choose,
      columns: [
        { label: label("parcel"), width: "minmax(0,1fr)", value: (row) => parcelName(all.parcel[row.i]), show: (row) => parcelName(all.parcel[row.i]) },
        { label: label("utilities"), width: "56px", value: (row) => all.reserved[row.i].length, show: (row) => tonggou.chips(all.reserved[row.i]) },
        { label: label("length") + " m", width: "52px", number: true, value: (row) => all.duct_m[row.i], show: (row) => number(all.duct_m[row.i]) },
        { label: label("now") + " " + word("unit.wan"), width: wide, number: true, value: (row) => all.extra_yuan[row.i], show: (row) => money(all.extra_yuan[row.i]) },
        { label: label("expected") + " " + word("unit.wan"), hint: word("hint.expected"), width: tonggou.language === "en" ? "104px" : "84px", number: true, value: (row) => all.expected_yuan[row.i], show: (row) => money(all.expected_yuan[row.i]) },
      ],
    };
  };

  const detail = () => {
    const chosen = state.chosen.extension;
    if (!chosen) return null;
    if (chosen.kind === "reserves") return [tonggou.detail.head(parcelName(table(chosen).parcel[chosen.i]), table(chosen).application_id[chosen.i], tonggou.detail.badge(word("detail.reserve"))), ...tonggou.connection.reserve(chosen.i), ...others(chosen)];
    const rows = table(chosen), i = chosen.i, pane = tonggou.detail, said = (key) => word("detail." + key), parcel = rows.parcel[i];
    const title = pane.head(parcelName(parcel), rows.application_id[i], ...(utility(chosen) < 0 ? [] : [tonggou.chips([utility(chosen)])]), ...(chosen.kind === "unreachable" ? [pane.badge(said("unreachable"), "stop")] : []));
    if (chosen.kind === "unreachable")
      return [title, ...pane.section(said("reason"), null, element("p", {}, element("b", {}, word("rule." + rows.rule[i])), "　", rows.reason[i] || "")), ...others(chosen)];
    const quote = (text) => (text ? element("p", { class: "quote" }, text) : null);
    return [
      title,
      pane.facts([
        [said("service"), [serviceClass(rows.service_class[i]), rows.operator[i] && word("operator." + rows.operator[i]), rows.demand[i] !== null && `${number(rows.demand[i], rows.demand[i] % 1 ? 1 : 0)} ${rows.demand_unit[i] || ""}`].filter(Boolean).join("　"), null, true],
        [said("tie_in"), tieInName(rows.tie_in_id[i]), null, true],
        [said("length"), number(rows.length_m[i]), "m"], [said("shared"), number(rows.shared_m[i]), "m"],
        [said("outside"), number(rows.outside_m[i]), "m"], [said("inside"), number(rows.inside_m[i]), "m"],
        [said("in_works"), number(rows.in_works_m[i]), "m"],
      ]),
      ...pane.section(said("costs"), word("page.assumed_price"), pane.compare(rows.cost_yuan[i], rows.separate_yuan[i], said("cost"), said("alone"))),
      ...tonggou.connection.payers(i),
      ...tonggou.connection.crossings(i),
      ...pane.section(said("deadline"), null, element("p", {}, rows.deadline_on[i] || said("no_deadline")), quote(rows.deadline_source[i])).filter(Boolean),
      ...pane.section(said("permits"), null, pane.permits(rows.permits[i])),
      ...tonggou.connection.drain(i),
      ...tonggou.connection.candidates(i, tieInName),
      ...others(chosen),
    ];
  };
  // where nothing is selected: the routes beside the connections that the data has
  const idle = () => {
    const pane = tonggou.detail, label = (key) => word("column." + key), rows = load().existing;
    if (!rows.length) return tonggou.connection.sums();
    const columns = [["", ""], [label("connections"), "number"], [label("in_data") + " m", "number"], [label("rerouted") + " m", "number"], [label("change"), "number"]];
    const change = (before, after) => (before ? (after > before ? "+" : "") + number((100 * (after - before)) / before) + " %" : "–");
    return [
      ...tonggou.connection.sums(),
      ...pane.section(word("detail.existing"), null, pane.table(columns, rows.map(([kind, count, before, after]) => [
        [tonggou.chips([kind]), " " + word("utility." + tonggou.utilities()[kind])], number(count), number(before), number(after), change(before, after)]))),
      element("p", { class: "quote" }, word("detail.existing_note")),
    ];
  };
  const serviceClass = (name) => (["sewage", "rain", "low", "medium"].includes(name) ? word("class." + name) : name);
  const tieInName = (id) => {
    const { tie_ins: all } = load(), i = all.tie_in_id.indexOf(id);
    if (i < 0) return id || "–";
    return `${all.name[i] || id}　${number(all.capacity_left[i])} ${all.capacity_unit[i] || ""}`;
  };
  // the other applications of the same parcel, one click away
  const others = (chosen) => {
    const parcel = table(chosen).parcel[chosen.i];
    const rest = load().rows.filter((row) => table(row).parcel[row.i] === parcel && !is(row));
    if (parcel < 0 || !rest.length) return [];
    return tonggou.detail.section(word("detail.parcel") + " " + load().parcels.parcel_id[parcel], null,
      element("ul", {}, ...rest.map((row) => element("li", {}, utility(row) < 0 ? null : tonggou.chips([utility(row)]), " ", element("button", { class: "go", type: "button", onclick: () => choose(row) }, table(row).application_id[row.i])))));
  };

  const duct = (frame) => {
    const path = new Path2D();
    draw.trace(path, [1, 8, 35, 8]);
    hollow(frame, path, "#5B6770", 5);
  };
  const legend = () => {
    const counts = new Map(), part = tonggou.legend, { parcel, tieIns: points } = load();
    for (const row of load().rows) if (utility(row) >= 0) counts.set(utility(row), (counts.get(utility(row)) || 0) + 1);
    return [
      ...part.utilities(counts),
      element("hr"),
      part.dashed(redLine(), word("map.red_line"), parcel.filter((one) => one.asked && !one.missing).length),
      part.dashed(STOP, word("map.unreachable"), parcel.filter((one) => one.missing).length),
      part.mark((frame) => part.square(frame, "#FFFFFF", "#5B6770"), word("map.tie_in"), points.length),
      part.band(ACCENT, word("map.in_work"), null),
      ...(load().kept.length ? [part.mark(duct, word("map.reserve"), load().reserves.parcel.length)] : []),
      ...part.switches(),
    ];
  };
  const bounds = () => {
    const chosen = state.chosen.extension;
    if (!chosen) return null;
    const parcel = load().parcel[table(chosen).parcel[chosen.i]];
    const parts = [...(chosen.kind === "connections" ? load().routes[chosen.i] : load().kept.filter((one) => chosen.kind === "reserves" && one.i === chosen.i).map((one) => one.part)), ...(parcel ? parcel.parts : [])];
    return parts.length ? draw.around(parts) : null;
  };
  const extent = () => draw.most(load().parcel.filter((one) => one.asked).flatMap((one) => one.parts));
  const key = () => { const chosen = state.chosen.extension; return chosen ? table(chosen).application_id[chosen.i] : undefined; };
  const find = (id) => { const row = [...load().rows, ...load().reserves.parcel.map((_, i) => ({ kind: "reserves", i }))].find((one) => table(one).application_id[one.i] === id); return row && { kind: row.kind, i: row.i }; };
  return { paint, pick, choose, lists, detail, idle, legend, bounds, extent, key, find };
})();
