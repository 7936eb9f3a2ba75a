// Coverage as lists and details: gaps ranked, villages tested, sites and Wi-Fi points proposed, measured gaps.
tonggou.coverage = (() => {
  const { state, word, element, number, money, change } = tonggou;
  const label = (key) => word("column." + key), said = (key, facts) => word("detail." + key, facts);
  const view = () => tonggou.views.coverage, load = () => view().load();
  const english = tonggou.language === "en";
  const wide = (chinese, other) => (english ? other : chinese) + "px";
  const TONE = { failed: "warning", unsure: "quiet", covered: "" };

  const choose = (found) => change({
    chosen: { ...state.chosen, coverage: found },
    ...(found ? { list: { ...state.list, coverage: found.kind } } : {}),
  });
  const is = (kind, i) => { const chosen = state.chosen.coverage; return Boolean(chosen) && chosen.kind === kind && chosen.i === i; };
  const kindOf = (text) => (text ? word("site." + text) : "–");
  const area = (text) => (text ? text.split(/[,;、]/).map((part) => word("area." + part.trim())).join(english ? ", " : "、") : "–");

  const lists = () => {
    if (!load()) return [];
    const { gaps: gap, villages: village, infill, measured, kinds } = load();
    const list = (key, text, columns) => ({ key, rows: kinds[key].filter(view().shown(key)), text, columns, chosen: (row) => is(key, row.i), choose: (row) => choose({ kind: key, i: row.i }) });
    const text = (name, width, table, key, show) => ({ label: label(name), width, value: (row) => table[key][row.i], show: (row) => (show ? show(table[key][row.i]) : table[key][row.i] || "–") });
    const column = (name, width, table, key, digits = 0, unit = "") => ({ label: label(name) + unit, width, number: true, value: (row) => table[key][row.i], show: (row) => number(table[key][row.i], digits) });
    const cost = { ...column("assumed_cost", wide(80, 68), infill, "cost_yuan"), show: (row) => money(infill.cost_yuan[row.i]), hint: word("page.assumed_price") };
    const fed = [column("power", wide(48, 52), infill, "power_m", 0, " m"), column("fibre", wide(48, 44), infill, "fibre_m", 0, " m")];
    return [
      list("gaps", (row) => [gap.gap_id[row.i], gap.key_area[row.i]].join(" "), [
        column("rank", "24px", gap, "rank"), column("people", "48px", gap, "people"), column("area", wide(60, 60), gap, "area_km2", 2, " km²"),
        { ...column("left", wide(72, 64), gap, "left_km2", 2, " km²"), hint: word("map.after"), tone: (row) => (gap.left_km2[row.i] ? "" : "quiet") },
        column("road", wide(56, 56), gap, "road_km", 1, " km"),
        { label: word("detail.key_area"), width: "minmax(0,1fr)", value: (row) => gap.key_area[row.i], show: (row) => area(gap.key_area[row.i]) },
      ]),
      list("villages", (row) => [village.village[row.i], village.town[row.i]].join(" "), [
        text("village", "minmax(0,1fr)", village, "village"),
        { label: label("result"), width: wide(48, 60), value: (row) => row.order, show: (row) => said(row.verdict), tone: (row) => TONE[row.verdict] },
        { ...column("site_km", wide(68, 96), village, "nearest_site_km", 1, " km") },
        { label: label("places"), width: wide(56, 52), number: true, value: (row) => village.places_covered[row.i], show: (row) => number(village.places_covered[row.i]) + " / " + number(village.places[row.i]), hint: word("detail.tested") },
        text("reason", "minmax(0,1fr)", village, "reason"),
      ]),
      list("infill", (row) => [infill.candidate_id[row.i], infill.site_kind[row.i]].join(" "), [
        column("rank", "20px", infill, "rank"),
        ...(view().summary() ? [text("operator_short", wide(40, 24), infill, "operator", (key) => word((english ? "initial." : "network.") + key))] : []),
        text("kind", "minmax(0,1fr)", infill, "site_kind", kindOf), { ...column("people", wide(44, 44), infill, "people_gained"), hint: label("gained") },
        ...fed, cost,
      ]),
      ...(load().wifi ? [list("wifi", (row) => infill.candidate_id[row.i], [
        column("rank", "24px", infill, "rank"), { ...column("ways", "minmax(0,1fr)", infill, "way_gained_m", 0, " m"), hint: said("ways") },
        column("people", wide(44, 44), infill, "people_gained"), ...fed, cost,
      ])] : []),
      list("measured", (row) => [measured.gap_id[row.i], measured.cell_id[row.i]].join(" "), [
        text("operator", wide(48, 64), measured, "operator", (key) => word("network." + key)),
        { ...column("measured", "72px", measured, "measured_dbm"), hint: "dBm" }, { ...column("predicted", "72px", measured, "predicted_dbm"), hint: "dBm" },
        column("samples", "56px", measured, "samples"), text("cell", "minmax(0,1fr)", measured, "cell_id"),
      ]),
    ];
  };

  const detail = () => {
    const chosen = state.chosen.coverage;
    return chosen && load() ? DETAIL[chosen.kind](chosen.i, load(), tonggou.detail) : null;
  };
  const who = (table, i) => (table.operator[i] ? word("operator." + table.operator[i]) : null);
  const costs = (infill, i, pane) => pane.section(said("costs"), word("page.assumed_price"), pane.table([["", ""], [word("unit.wan"), "number"]],
    ["site_yuan", "power_yuan", "fibre_yuan"].map((key) => [said(key), money(infill[key][i])]), [said("site_total"), money(infill.cost_yuan[i])]));
  const fed = (table, i) => ["power_m", "fibre_m"].map((key) => [said(key), number(table[key][i]), "m"]);
  const DETAIL = {
    gaps: (i, { gaps: gap }, pane) => [
      pane.head(`${said("gap")} ${number(gap.rank[i])}`, gap.gap_id[i], pane.badge(who(gap, i) || "", "quiet")),
      pane.facts([[said("people"), number(gap.people[i]), word("unit.people")], [said("households"), number(gap.households[i])], [said("area"), number(gap.area_km2[i], 2), "km²"], [said("left"), number(gap.left_km2[i], 2), "km²"], [said("road"), number(gap.road_km[i], 1), "km"], [said("places"), number(gap.places[i])], [said("key_area"), area(gap.key_area[i]), null, true], ...fed(gap, i)]),
    ],
    measured: (i, { measured }, pane) => [
      pane.head(`${said("measured_gap")} ${number(measured.rank[i])}`, measured.gap_id[i], pane.badge(who(measured, i), "warning")),
      pane.facts([[said("measured"), number(measured.measured_dbm[i], 1), "dBm"], [said("predicted"), number(measured.predicted_dbm[i], 1), "dBm"], [said("samples"), number(measured.samples[i])], [said("area"), number(measured.area_km2[i], 3), "km²"], [said("cell"), measured.cell_id[i] || "–", null, true], [said("predicted_cell"), measured.predicted_cell_id[i] || "–", null, true]]),
      element("p", { class: "note" }, said("measured_note")),
    ],
    villages: (i, { villages: village, kinds }, pane) => {
      const { verdict } = kinds.villages.find((row) => row.i === i);
      return [
        pane.head(village.village[i], village.town[i] || "", pane.badge(said(verdict), TONE[verdict])),
        pane.facts([[said("operator"), who(village, i), null, true], [said("nearest"), number(village.nearest_site_km[i], 1), "km"], [said("tested"), `${number(village.places_covered[i])} / ${number(village.places[i])}`], village.places_uncertain[i] ? [said("unsure_places"), number(village.places_uncertain[i])] : null]),
        ...(village.reason[i] ? pane.section(said("reason"), null, element("p", {}, village.reason[i])) : []),
        verdict === "unsure" ? element("p", { class: "quote" }, said("unsure_note", { verdict: said(village.covered[i] ? "covered" : "failed") })) : null,
      ].filter(Boolean);
    },
    infill: (i, { infill }, pane) => [
      pane.head(`${said("infill")} ${number(infill.rank[i])}`, infill.candidate_id[i], pane.badge(who(infill, i) || "", "quiet")),
      pane.facts([[said("gained"), number(infill.people_gained[i]), word("unit.people")], [said("area_gained"), number(infill.area_gained_km2[i], 2), "km²"], [said("way_gained"), number(infill.way_gained_m[i] / 1000, 1), "km"], [said("kind"), kindOf(infill.site_kind[i]), null, true], [said("height"), number(infill.height_m[i]), "m"], ...fed(infill, i)]),
      ...costs(infill, i, pane),
    ],
    wifi: (i, { infill }, pane) => [
      pane.head(`${said("wifi")} ${number(infill.rank[i])}`, infill.candidate_id[i]),
      pane.facts([[said("ways"), number(infill.way_gained_m[i]), "m"], [said("people"), number(infill.people_gained[i]), word("unit.people")], [said("area"), number(infill.area_gained_km2[i], 3), "km²"], [said("height"), number(infill.height_m[i]), "m"], ...fed(infill, i)]),
      ...costs(infill, i, pane),
    ],
  };
  return { choose, is, lists, detail };
})();
