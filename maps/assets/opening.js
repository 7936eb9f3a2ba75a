// What one opening rests on: who, when, the section drawn, what it costs whom, why there is another.
tonggou.opening = (() => {
  const { data, word, element, number, money } = tonggou;
  const said = (key, facts) => word("detail." + key, facts);
  const label = (key) => word("column." + key);
  const hint = (key) => word("hint." + key);
  const pane = () => tonggou.detail;
  const trench = () => tonggou.views.trench;
  const span = (i) => { const { all } = trench().load(); return tonggou.day(all[i].from) + " – " + tonggou.day(all[i].to); };
  const priced = () => (data("trench").assumed ? word("page.assumed_price") : null);

  const detail = (opening) => {
    const { openings } = trench().load(), { i } = opening, { head, badge, facts, section, permits } = pane();
    const badges = [openings.joint[i] ? badge(said("joint")) : badge(said("single"), "quiet")];
    if (opening.again.length) badges.push(badge(said("reopened"), "warning"));
    if (openings.exempt[i]) badges.push(badge(said("exempt"), "stop"));
    return [
      head(trench().name(i), opening.id, ...badges),
      facts([
        [said("window"), span(i) + "　" + said("duration", { days: openings.days[i] }), null, true],
        [said("dug"), number(openings.dug_m[i]), "m"], [said("width"), number(openings.width_m[i], 2), "m"],
        [said("volume"), number(openings.volume_m3[i]), "m³"], [said("surface"), number(openings.area_m2[i]), "m²"],
        openings.town[i] ? [said("town"), openings.town[i], null, true] : null,
      ]),
      openings.exempt[i] ? element("p", { class: "quote stop" }, openings.exempt[i]) : null,
      ...members(opening), ...drawing(i), ...costs(opening),
      ...again(opening), ...section(said("permits"), null, permits(openings.permits[i])),
    ].filter(Boolean);
  };

  const members = (opening) => {
    const { participants } = trench().load();
    const rows = opening.members.map((member) => {
      const side = participants.side[member];
      return [
        tonggou.chips([participants.utility[member]]),
        [participants.owner[member] || "–", element("small", {}, participants.work[member] || "")],
        [number(participants.from_m[member]) + "–" + number(participants.to_m[member]), element("i", {}, " m" + (side ? " " + word("side." + side) : "")), element("small", {}, tonggou.shortDay(participants.starts[member]) + "–" + tonggou.shortDay(participants.ends[member]))],
      ];
    });
    return pane().section(said("participants"), null, pane().table([["", ""], [label("owner"), ""], [label("span"), "number"]], rows));
  };

  const drawing = (i) => {
    const { openings } = trench().load(), at = openings.drawing[i];
    if (at < 0) return [];
    const shown = document.getElementById("drawings").content.children[at].cloneNode(true);
    const where = `${number(openings.drawn_from[i])}–${number(openings.drawn_to[i])} m ${word("side." + openings.drawn_side[i])}`;
    const title = element("h3", { title: hint("section") }, said("section"), element("span", {}, where));
    return [title, element("div", { class: "drawing" }, shown), element("p", { class: "quote" }, data("trench").drawn[at].join(tonggou.language === "en" ? "; " : "；"))];
  };

  // whole yuan that add up to the whole of the sum: the largest remainders are rounded up
  const whole = (values) => {
    const down = values.map(Math.floor), left = Math.round(values.reduce((a, b) => a + b, 0)) - down.reduce((a, b) => a + b, 0);
    values.map((value, i) => [value - down[i], i]).sort((a, b) => b[0] - a[0]).slice(0, left).forEach(([, i]) => { down[i] += 1; });
    return down;
  };
  const costs = (opening) => {
    const { openings } = trench().load(), { section, compare } = pane(), { i } = opening;
    return section(said("costs"), priced(), compare(openings.cost_yuan[i], openings.separate_yuan[i], said("cost"), said("separate")), ...split(opening));
  };
  const KINDS = ["alone_yuan", "share_yuan", "share_shapley_yuan"];
  const split = (opening) => {
    const { participants, openings } = trench().load(), { i } = opening, paid = new Map();
    for (const member of opening.members) {
      const who = participants.owner[member] || participants.work[member];
      if (!paid.has(who)) paid.set(who, [0, 0, 0]);
      KINDS.forEach((kind, k) => { paid.get(who)[k] += participants[kind][member]; });
    }
    if (paid.size < 2) return [element("p", { class: "quote" }, said("one_party"))];
    const columns = KINDS.map((_, k) => whole([...paid.values()].map((sums) => sums[k])));
    const rows = [...paid.keys()].map((who, row) => [who, ...columns.map((column) => number(column[row]))]);
    const sums = columns.map((column) => number(column.reduce((a, b) => a + b, 0)));
    const heads = ["alone", "proportional", "shapley"].map((key) => [label(key), "number", hint(key)]);
    return [
      element("div", { class: "split" }, pane().table([[`${label("owner")} (${word("unit.yuan")})`, ""], ...heads], rows, [said("sum"), ...sums])),
      pane().list(stability(i, openings)),
    ];
  };
  const stability = (i, { excess_yuan, excess_shapley_yuan, group }) => {
    if (excess_yuan[i] === null) return [group[i]];
    const one = (key, yuan) => said(yuan > 0 ? "unstable_" + key : "stable_" + key, { group: group[i] || "", yuan: number(yuan) });
    if (!excess_yuan[i] && !excess_shapley_yuan[i]) return [said("stable")];
    return [one("proportional", excess_yuan[i]), one("shapley", excess_shapley_yuan[i])];
  };

  // the rules that forbid joining, as short words
  const rules = (of, i) => (of.rules[i] || of.rule[i]).split(",").map((rule) => word("rule." + rule)).join(tonggou.language === "en" ? ", " : "、");
  const why = (of, i) => [
    element("div", { class: "rules" }, element("span", {}, said("rules")), ...(of.rules[i] || of.rule[i]).split(",").map((rule) => pane().badge(word("rule." + rule), "warning"))),
    element("p", {}, of.reason[i] || ""),
    of.change[i] ? element("p", { class: "change" }, element("b", {}, said("cheapest")), " ", of.change[i]) : null,
  ].filter(Boolean);
  const again = (opening) => {
    const { reopenings } = trench().load();
    if (!opening.again.length) return [];
    const place = (key, i) => {
      const text = i < 0 ? "–" : span(i);
      return element("span", {}, element("em", {}, said(key)), i === opening.i || i < 0 ? element("b", {}, text) : pane().go(text, () => trench().choose(i)));
    };
    return pane().section(said("again"), null, ...opening.again.map((k) =>
      element("div", { class: "again" }, element("div", { class: "pair" }, place("before", reopenings.first[k]), place("after", reopenings.second[k])), ...why(reopenings, k))));
  };
  return { detail, rules, why, span, priced, money };
})();
