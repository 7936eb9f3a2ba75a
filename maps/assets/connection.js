// What the detail of a connection rests on: who pays, crossings, other entries, the drain's profile; reserve ducts.
tonggou.connection = (() => {
  const { element, word, number, money, signed } = tonggou;
  const block = () => tonggou.data("extension");
  const said = (key, facts) => word("detail." + key, facts), label = (key) => word("column." + key);
  const wan = () => word("unit.wan");
  const of = (table, i) => table.connection.flatMap((at, k) => (at === i ? [k] : []));
  const pane = () => tonggou.detail;

  const payers = (i) => {
    const rows = block().connections, columns = [["", ""], [label("payer"), ""], [wan(), "number"]];
    const crossed = rows.crossings_yuan[i] ? element("p", { class: "quote" }, said("crossings_part", { yuan: money(rows.crossings_yuan[i]) + " " + wan() })) : null;
    return [
      ...pane().section(said("payer"), word("page.assumed_price"), pane().table(columns, [
        [said("inside"), said("applicant"), money(rows.inside_yuan[i])],
        [said("outside"), rows.payer[i] || "–", money(rows.outside_yuan[i])],
      ], [word("detail.sum"), "", money(rows.cost_yuan[i])])),
      crossed,
      rows.payer_source[i] ? element("p", { class: "quote" }, rows.payer_source[i]) : null,
    ].filter(Boolean);
  };

  const crossings = (i) => {
    const table = block().crossings, found = of(table, i);
    if (!found.length) return [];
    const columns = [[label("method"), ""], [label("length") + " m", "number"], [label("users"), "number"], [wan(), "number"]];
    return pane().section(said("crossings", { count: found.length }), null, pane().table(columns, found.map((k) =>
      [said(table.bored[k] ? "bored" : "opened"), number(table.length_m[k], 1), number(table.users[k]), money(table.cost_yuan[k])])));
  };

  const candidates = (i, sourceName) => {
    const table = block().candidates, found = of(table, i);
    const columns = [[label("rank"), ""], [label("entry"), ""], [label("length") + " m", "number"], [label("extra") + " " + wan(), "number"]];
    const entry = (k) => [
      table.tapped_pipe_id[k] ? said("taps", { pipe: table.tapped_pipe_id[k] }) : sourceName(table.tie_in_id[k]),
      element("small", {}, table.differs[k].split(",").map((one) => said("differs_" + one)).join(word("detail.comma")), table.drains_by[k] ? word("detail.comma") + said(table.drains_by[k]) : ""),
    ];
    const rows = found.map((k) => [number(table.rank[k]), entry(k), number(table.length_m[k]), signed(table.extra_yuan[k], money)]);
    return [
      ...pane().section(said("candidates"), word("page.assumed_price"), rows.length ? pane().table(columns, rows) : element("p", { class: "quote" }, said("candidates_none"))),
      rows.length ? element("p", { class: "quote" }, said("candidates_note")) : null,
    ].filter(Boolean);
  };

  // ground above, invert below, from the red line at the left to the tie-in at the right
  const profile = (levels) => {
    const wide = 360, high = 96, far = levels[levels.length - 1][0] || 1, all = levels.flatMap((row) => row.slice(1));
    const low = Math.min(...all), span = Math.max(...all) - low || 1;
    const x = (along) => 4 + ((wide - 8) * along) / far, y = (level) => 6 + (high - 12) * (1 - (level - low) / span);
    const path = (points) => points.map(([along, level], k) => (k ? "L" : "M") + x(along).toFixed(1) + " " + y(level).toFixed(1)).join("");
    const make = (kind, facts) => { const one = document.createElementNS("http://www.w3.org/2000/svg", kind); for (const [key, value] of Object.entries(facts)) one.setAttribute(key, value); return one; };
    const picture = make("svg", { viewBox: `0 0 ${wide} ${high}`, class: "profile", role: "img", "aria-label": said("profile") });
    const invert = levels.flatMap(([along, , arrives, leaves], k) => [...(k ? [[along, arrives]] : []), [along, leaves]]);
    for (const [along, ground, , leaves] of levels) picture.append(make("path", { d: path([[along, ground], [along, leaves]]), class: "manhole" }));
    picture.append(make("path", { d: path(levels.map(([along, ground]) => [along, ground])), class: "ground" }), make("path", { d: path(invert), class: "invert" }));
    return element("figure", {}, picture, element("figcaption", {}, said("profile_caption", { far: number(far), low: number(low, 1), high: number(low + span, 1) })));
  };
  const drain = (i) => {
    const table = block().drains, [k] = of(table, i);
    if (k === undefined) return [];
    return [
      ...pane().section(said("drain"), null, pane().facts([
        [said("drains_by"), said(table.pumped[k] ? "pumped" : "gravity")], [said("least_slope"), number(1000 * table.least_slope[k], 1), "‰"],
        [said("deepest"), number(table.deepest_m[k], 2), "m"],
        table.pumped[k] ? [said("lift"), number(table.lift_m[k], 2), "m"] : [said("spare"), number(table.spare_m[k], 2), "m"],
      ])),
      table.levels[k].length > 1 ? profile(table.levels[k]) : null,
      element("p", { class: "quote" }, table.reason[k] || ""),
    ].filter(Boolean);
  };

  const reserve = (i) => {
    const table = block().reserves, chips = tonggou.chips;
    return [
      pane().facts([
        [said("expected"), chips(table.utilities[i]), null, true], [said("reserved"), chips(table.reserved[i]), null, true],
        [said("ducts"), number(table.duct_m[i]), "m"], [said("chance"), number(100 * table.probability[i]), "%"],
        [said("years"), number(table.years[i], table.years[i] % 1 ? 1 : 0), word("unit.years")],
      ]),
      ...pane().section(said("reserve_later"), word("page.assumed_price"), pane().compare(table.later_yuan[i], table.alone_yuan[i], said("with_reserve"), said("without_reserve"))),
      pane().table([["", ""], [wan(), "number"]], [[said("now"), money(table.extra_yuan[i])], [said("later_saving"), money(table.saving_yuan[i])]], [said("present_value"), money(table.expected_yuan[i])]),
      element("p", { class: "quote" }, said("reserve_note")),
    ];
  };

  // where nothing is selected: sums of each payer, and how roads and mains are met
  const sums = () => {
    const rows = block().payers.filter(([, inside, outside]) => inside + outside >= 1), { crossings: crossed, bored, taps } = block().counts;
    const columns = [[label("payer"), ""], [label("inside"), "number"], [label("outside") + " " + wan(), "number"]];
    return [
      ...(rows.length ? pane().section(said("payers"), word("page.assumed_price"), pane().table(columns, rows.map(([name, inside, outside]) => [name, money(inside), money(outside)]))) : []),
      element("p", { class: "quote" }, said("counts", { crossings: number(crossed), opened: number(crossed - bored), bored: number(bored), taps: number(taps) })),
    ];
  };
  return { payers, crossings, candidates, drain, reserve, sums, of };
})();
