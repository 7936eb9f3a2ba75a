// The joint plan: openings as soft bands, the lines that take part side by side within them.
tonggou.views.trench = (() => {
  const { draw, data, state, word, element, number, money, change, ground } = tonggou;
  const JOINT = "#1F4E79", SINGLE = "#8A96A0", AGAIN = "#B45309";
  let ready = null;

  const load = () => {
    if (ready) return ready;
    const { openings, participants, reopenings } = data("trench"), base = data("base");
    const all = openings.id.map((id, i) => ({
      i, id, segment: openings.segment[i], parts: draw.shape(openings.lines[i]).map(draw.eastward),
      members: [], utilities: [], again: [], from: openings.starts[i], to: openings.ends[i],
      saved: openings.separate_yuan[i] === null ? null : openings.separate_yuan[i] - openings.cost_yuan[i],
    }));
    participants.opening.forEach((opening, i) => {
      if (opening < 0) return;
      all[opening].members.push(i);
      if (!all[opening].utilities.includes(participants.utility[i])) all[opening].utilities.push(participants.utility[i]);
    });
    reopenings.segment.forEach((_, i) => {
      for (const opening of [reopenings.first[i], reopenings.second[i]]) if (opening >= 0) all[opening].again.push(i);
    });
    const stretch = (member) => {
      const segment = participants.segment[member], length = base.roads.length[segment];
      const [part] = segment < 0 ? [] : ground.road(segment).parts;
      return part && length ? draw.eastward(draw.cut(part, participants.from_m[member] / length, participants.to_m[member] / length)) : null;
    };
    for (const opening of all) {
      opening.utilities.sort((a, b) => a - b);
      opening.lines = opening.members.map((member) => ({ utility: participants.utility[member], part: stretch(member) })).filter((line) => line.part && line.part.x.length > 1);
      if (!opening.parts.length) opening.parts = opening.lines.map((line) => line.part);
    }
    ready = { all, openings, participants, reopenings };
    return ready;
  };

  const month = () => data("trench").months[state.month - 1];
  const visible = (i) => {
    const opening = load().all[i], span = month();
    if (span && (opening.from === null || opening.from >= span[3] || opening.to < span[2])) return false;
    return !opening.utilities.length || opening.utilities.some((utility) => !state.hidden.has(utility));
  };
  const colour = (i) => (load().openings.joint[i] ? JOINT : SINGLE);

  // where each opening's lines lie beside one another on their segment: first slot and count
  let placed = null, placedFor = "";
  const slots = () => {
    const key = state.month + ":" + [...state.hidden].sort().join();
    if (placed && placedFor === key) return placed;
    placedFor = key;
    placed = new Map();
    const bySegment = new Map();
    for (const opening of load().all) {
      if (!visible(opening.i)) continue;
      if (!bySegment.has(opening.segment)) bySegment.set(opening.segment, []);
      bySegment.get(opening.segment).push(opening);
    }
    for (const openings of bySegment.values()) {
      openings.sort((a, b) => a.from - b.from);
      const shown = openings.map((opening) => opening.utilities.filter((utility) => !state.hidden.has(utility)));
      const count = shown.reduce((sum, utilities) => sum + Math.max(1, utilities.length), 0);
      let slot = -(count - 1) / 2;
      openings.forEach((opening, k) => {
        const wide = Math.max(1, shown[k].length);
        placed.set(opening.i, { centre: slot + (wide - 1) / 2, wide, slot: new Map(shown[k].map((utility, j) => [utility, slot + j])) });
        slot += wide;
      });
    }
    return placed;
  };

  const spacing = (frame) => Math.max(1.6, Math.min(7, 4 * Math.pow(1.45, frame.zoom - 15)));
  const BAND = 1.1;
  const paint = (frame) => {
    const step = spacing(frame), placed = slots(), chosen = marked();
    ground.areas(frame);
    ground.roads(frame);
    const others = collect(frame, step, [...placed].filter(([i]) => !chosen.has(i)));
    lay(frame, step, others);
    const mine = [...placed].filter(([i]) => chosen.has(i)), own = mine.length ? collect(frame, step, mine) : null;
    if (own) { halo(frame, step, own); lay(frame, step, own); }
    ground.names(frame, clearance(placed, step));
    for (const [utility, given] of [...(own ? own.letters : []), ...others.letters]) tonggou.letter(frame, utility, given);
  };
  // paths of bands by colour and width, of lines by utility, and where letters may stand
  const collect = (frame, step, entries) => {
    const bands = new Map(), edges = new Path2D(), lines = new Map(), letters = [];
    for (const [i, slot] of entries) {
      const opening = load().all[i];
      for (const part of opening.parts) {
        if (!draw.seen(frame, part)) continue;
        const given = draw.beside(draw.points(frame, part), slot.centre * step), key = colour(i) + "|" + slot.wide;
        if (!bands.has(key)) bands.set(key, new Path2D());
        draw.trace(bands.get(key), given);
        if (opening.again.length && frame.zoom >= 14) {
          const half = ((slot.wide + BAND) * step) / 2 + 0.5;
          draw.trace(edges, draw.beside(given, half));
          draw.trace(edges, draw.beside(given, -half));
        }
      }
      for (const line of opening.lines) {
        if (!slot.slot.has(line.utility) || !draw.seen(frame, line.part)) continue;
        if (!lines.has(line.utility)) lines.set(line.utility, new Path2D());
        const given = draw.beside(draw.points(frame, line.part), slot.slot.get(line.utility) * step);
        draw.trace(lines.get(line.utility), given);
        if (frame.zoom >= 15.5) letters.push([line.utility, given]);
      }
    }
    return { bands, edges, lines, letters };
  };
  const lay = (frame, step, { bands, edges, lines }) => {
    for (const [key, path] of bands) {
      const [tint, wide] = key.split("|");
      frame.pen.globalAlpha = tint === JOINT ? 0.26 : 0.24;
      draw.stroke(frame, path, tint, (Number(wide) + BAND) * step, [], "butt");
    }
    frame.pen.globalAlpha = 1;
    draw.stroke(frame, edges, AGAIN, 1, [4, 2]);
    for (const [utility, path] of lines) tonggou.strokeUtility(frame, path, utility, step);
  };
  const halo = (frame, step, { bands }) => {
    for (const [key, path] of bands) {
      const wide = (Number(key.split("|")[1]) + BAND) * step;
      frame.pen.save();
      frame.pen.shadowColor = "rgba(29,39,48,0.45)";
      frame.pen.shadowBlur = 12;
      draw.stroke(frame, path, "#FFFFFF", wide + 12);
      frame.pen.restore();
      draw.stroke(frame, path, "#1D2730", wide + 8);
      draw.stroke(frame, path, "#FFFFFF", wide + 4);
    }
  };
  // half the width in pixels of all bands on a segment, so that its name stands beside them
  const clearance = (placed, step) => {
    const half = new Map();
    for (const [i, slot] of placed) {
      const { segment } = load().all[i];
      half.set(segment, Math.max(half.get(segment) || 0, (Math.abs(slot.centre) + (slot.wide + BAND) / 2) * step));
    }
    return (segment) => half.get(segment) || 0;
  };
  const pick = (frame, x, y) => {
    const step = spacing(frame);
    let best = 12, found = null;
    for (const [i, slot] of slots())
      for (const part of load().all[i].parts) {
        if (!draw.seen(frame, part)) continue;
        const away = draw.distance(draw.beside(draw.points(frame, part), slot.centre * step), x, y) - (slot.wide * step) / 2;
        if (away < best) { best = away; found = i; }
      }
    return found;
  };
  const choose = (i) => change({ chosen: { ...state.chosen, trench: i }, item: null });
  // a row that speaks of several openings, or of none: all of them are marked on the map
  const mark = (list, i, openings) => change({ chosen: { ...state.chosen, trench: openings[0] }, item: { list, i, openings } });
  const marked = () => new Set(state.item ? state.item.openings : [state.chosen.trench].filter((i) => i !== undefined));
  const isMarked = (list, i) => Boolean(state.item) && state.item.list === list && state.item.i === i;

  const name = (i) => (i < 0 ? "–" : load().openings.name[i] || load().openings.id[i]);
  const label = (key) => word("column." + key);
  const wide = tonggou.language === "en", wan = " " + word("unit.wan");
  const lists = () => [openingsList(), tonggou.deciding.list(), reopeningsList(), unplacedList(), { key: "plan", page: tonggou.deciding.page }];
  const openingsList = () => {
    const { all, openings } = load();
    return {
      key: "openings", rows: all, kept: (row) => visible(row.i),
      text: (row) => [row.id, openings.name[row.i], openings.town[row.i], openings.owners[row.i]].join(" "),
      chosen: (row) => marked().has(row.i), choose: (row) => choose(row.i),
      columns: [
        { label: label("segment"), width: "minmax(0,1fr)", value: (row) => name(row.i), show: (row) => name(row.i) },
        { label: label("window"), width: "82px", value: (row) => row.from, show: (row) => tonggou.shortDay(row.from) + "–" + tonggou.shortDay(row.to) },
        { label: label("utilities"), width: "78px", value: (row) => row.utilities.length, show: (row) => tonggou.chips(row.utilities) },
        { label: label("length") + " m", width: wide ? "54px" : "42px", number: true, value: (row) => openings.dug_m[row.i], show: (row) => number(openings.dug_m[row.i]) },
        { label: label("saved") + wan, width: wide ? "80px" : "56px", number: true, value: (row) => row.saved, show: (row) => money(row.saved) },
      ],
    };
  };
  // what the cheapest change of date takes: days, and what the whole then costs more or less
  const changeColumns = (of) => [
    { label: label("days_moved"), hint: word("hint.days_moved"), width: wide ? "56px" : "50px", number: true, value: (i) => of.change_days[i], show: (i) => tonggou.signed(of.change_days[i]) },
    { label: label("then") + wan, hint: word("hint.then"), width: wide ? "80px" : "70px", number: true, value: (i) => of.change_yuan[i], show: (i) => tonggou.signed(of.change_yuan[i], money) },
  ];
  const reopeningsList = () => {
    const { openings, reopenings } = load();
    return {
      key: "reopenings", rows: reopenings.segment.map((_, i) => i), text: (i) => [name(reopenings.second[i]), reopenings.reason[i]].join(" "),
      chosen: (i) => marked().has(reopenings.second[i]), choose: (i) => choose(reopenings.second[i]),
      columns: [
        { label: label("segment"), width: "minmax(0,3fr)", value: (i) => name(reopenings.second[i]), show: (i) => name(reopenings.second[i]) },
        { label: label("second"), width: "44px", value: (i) => openings.starts[reopenings.second[i]], show: (i) => tonggou.shortDay(openings.starts[reopenings.second[i]]) },
        { label: label("reason"), width: "minmax(0,4fr)", value: (i) => reopenings.rule[i], show: (i) => tonggou.opening.rules(reopenings, i) },
        ...changeColumns(reopenings),
      ],
    };
  };
  const unplacedList = () => {
    const unplaced = data("trench").unplaced;
    return {
      key: "unplaced", rows: unplaced.work_id.map((_, i) => i), text: (i) => [unplaced.work_id[i], unplaced.owner[i], unplaced.reason[i]].join(" "),
      chosen: (i) => isMarked("unplaced", i), choose: (i) => mark("unplaced", i, []),
      columns: [
        { label: label("work"), width: "minmax(0,3fr)", value: (i) => unplaced.work_id[i], show: (i) => unplaced.work_id[i] },
        { label: "", width: "20px", value: (i) => unplaced.utility[i], show: (i) => tonggou.chips(unplaced.utility[i] < 0 ? [] : [unplaced.utility[i]]) },
        { label: label("reason"), width: "minmax(0,4fr)", value: (i) => unplaced.rule[i], show: (i) => tonggou.opening.rules(unplaced, i) },
        ...changeColumns(unplaced),
      ],
    };
  };
  const detail = () => {
    if (state.item) return tonggou.deciding.detail(state.item);
    return state.chosen.trench === undefined ? null : tonggou.opening.detail(load().all[state.chosen.trench]);
  };

  const legend = () => {
    const { all } = load(), counts = new Map();
    for (const opening of all) for (const utility of opening.utilities) counts.set(utility, (counts.get(utility) || 0) + 1);
    const part = tonggou.legend;
    return [
      ...part.utilities(counts),
      element("hr"),
      part.band(JOINT, word("map.joint"), all.filter((opening) => load().openings.joint[opening.i]).length),
      part.band(SINGLE, word("map.single"), all.filter((opening) => !load().openings.joint[opening.i]).length),
      part.edge(AGAIN, word("map.again"), all.filter((opening) => opening.again.length).length),
      element("p", { class: "text" }, word("map.band_note")),
      ...part.switches(),
    ];
  };
  const bounds = () => {
    const parts = [...marked()].flatMap((i) => load().all[i].parts);
    return parts.length ? draw.around(parts) : null;
  };
  const extent = () => draw.most(load().all.flatMap((opening) => opening.parts));
  const key = () => (load().all[state.chosen.trench] || {}).id;
  const find = (id) => { const at = load().openings.id.indexOf(id); return at < 0 ? undefined : at; };
  return { load, name, mark, isMarked, paint, pick, choose, lists, detail, legend, visible, colour, bounds, extent, key, find };
})();
