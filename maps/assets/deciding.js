// The list for deciding, works without a place, and the page that says how firmly the plan stands.
tonggou.deciding = (() => {
  const { data, state, word, element, number, money, change, signed } = tonggou;
  const KINDS = ["conflict", "opportunity", "junction", "split"];
  const trench = () => tonggou.views.trench;
  const pane = () => tonggou.detail;
  const label = (key) => word("column." + key);
  const said = (key, facts) => word("detail." + key, facts);

  // one row for each encounter of openings and for each group of works that looks split
  let ready = null;
  const rows = () => {
    if (ready) return ready;
    const { decisions, splits } = data("trench");
    ready = [
      ...decisions.id.map((id, i) => ({ id, i, kind: decisions.kind[i], settled: decisions.settled[i], openings: [decisions.one[i], decisions.other[i]].filter((at) => at >= 0), owners: [decisions.owner[i], decisions.other_owner[i]], saving: decisions.saving_yuan[i], advice: decisions.advice[i] })),
      ...splits.id.map((id, i) => ({ id, i, kind: "split", settled: false, openings: splits.openings[i], owners: [splits.owner[i]], saving: null, advice: splits.reason[i] })),
    ];
    return ready;
  };
  const choice = () => {
    const settled = rows().filter((row) => row.settled).length;
    const select = element("select", { "aria-label": label("kind"), onchange: (event) => change({ kind: event.target.value }) },
      ...["", ...KINDS].map((kind) => element("option", { value: kind, selected: state.kind === kind }, word("decision." + (kind || "all")))));
    const fold = element("button", { type: "button", class: "fold", "aria-pressed": String(state.settled), title: word("hint.settled"), onclick: () => change({ settled: !state.settled }) }, word("decision.settled", { count: number(settled) }));
    return element("span", { class: "choice" }, select, settled ? fold : null);
  };
  const place = (row) => (row.openings.length ? trench().name(row.openings[0]) : row.owners[0] || row.id);
  const owners = (row) => [...new Set(row.owners.filter(Boolean))].join(" / ");
  const list = () => {
    const english = tonggou.language === "en";
    return {
      key: "decisions", rows: rows(), count: rows().filter((row) => !row.settled).length, choice,
      none: state.kind && rows().every((row) => row.kind !== state.kind) ? "list.none_" + state.kind : rows().length && !state.search ? "list.none_open" : null,
      kept: (row) => (!state.kind || row.kind === state.kind) && (state.settled || !row.settled),
      text: (row) => [row.id, place(row), owners(row), row.advice].join(" "),
      chosen: (row) => trench().isMarked("decisions", rows().indexOf(row)),
      choose: (row) => trench().mark("decisions", rows().indexOf(row), row.openings),
      columns: [
        { label: label("kind"), width: english ? "78px" : "60px", value: (row) => KINDS.indexOf(row.kind), show: (row) => word("decision." + row.kind), tone: (row) => (row.settled ? "quiet" : "") },
        { label: label("segment"), width: "minmax(0,3fr)", value: place, show: place, tone: (row) => (row.settled ? "quiet" : "") },
        { label: label("owner"), width: "minmax(0,4fr)", value: owners, show: (row) => owners(row) || "–", tone: () => "quiet" },
        { label: label("saving") + " " + word("unit.wan"), hint: word("hint.saving"), width: english ? "86px" : "70px", number: true, value: (row) => row.saving, show: (row) => money(row.saving) },
      ],
    };
  };

  const detail = (item) => (item.list === "unplaced" ? unplaced(item.i) : decision(rows()[item.i]));
  const unplaced = (i) => {
    const { unplaced } = data("trench"), { head, badge, section } = pane();
    return [
      head(unplaced.owner[i] || unplaced.work_id[i], unplaced.work_id[i], badge(said("no_place"), "stop")),
      ...section(said("reason"), tonggou.opening.priced(), ...tonggou.opening.why(unplaced, i)),
    ];
  };
  const decision = (row) => {
    const { head, badge, section, facts } = pane(), { decisions, splits } = data("trench");
    const split = row.kind === "split", i = row.i;
    const saving = split
      ? [[said("together"), number(splits.together_m[i]), "m"], [said("threshold"), number(splits.threshold[i]), splits.measure[i] === "length" ? "m" : word("unit.yuan")]]
      : [[said(row.saving < 0 ? "dearer" : "gain"), money(Math.abs(row.saving)), word("unit.wan")], [said("between"), number(decisions.days_between[i]), word("unit.days")]];
    const works = split ? row.openings.map(() => "") : [decisions.works[i], decisions.other_works[i]];
    return [
      head(place(row), row.id, badge(word("decision." + row.kind), row.settled ? "quiet" : "warning"), row.settled ? badge(said("settled"), "quiet") : null),
      facts(saving),
      ...section(said("advice"), tonggou.opening.priced(), element("p", {}, row.advice || "")),
      ...section(said("openings"), null, element("ul", { class: "sides" }, ...row.openings.map((at, k) => element("li", {},
        pane().go(tonggou.opening.span(at), () => trench().choose(at)), " ", trench().name(at),
        element("small", {}, [split ? "" : row.owners[k], works[k]].filter(Boolean).join("　")))))),
    ];
  };

  // how firmly the plan stands
  const page = () => [...proof(), ...robustness(), ...crews(), ...gaps()];
  const proof = () => {
    const { proof } = data("trench"), { section, table, list } = pane(), cells = (key, yuan) => [said(key), [money(yuan), element("i", {}, " " + word("unit.wan"))]];
    const steps = [["separate", proof.cost_separate_yuan], ["greedy", proof.cost_greedy_yuan], ["plan", proof.cost_yuan], ["bound", proof.bound_yuan]].filter(([, yuan]) => yuan !== null);
    const { sharing, approved } = proof;
    return section(said("proof"), tonggou.opening.priced(), table([["", ""], ["", "number"]], steps.map(([key, yuan]) => cells(key, yuan))), list([
      said(proof.status === "optimal" ? "proven" : "proof_note"),
      sharing.joint ? said("sharing", { joint: number(sharing.joint), unstable: number(sharing.unstable), shapley: number(sharing.unstable_shapley) }) : null,
      approved.held ? said("approved", { held: number(approved.held), moved: number(approved.moved), days: number(approved.moved_days) }) : null,
    ]));
  };
  const robustness = () => {
    const { robustness, proof } = data("trench"), { section } = pane(), cases = new Map();
    robustness.scenario.forEach((scenario, i) => {
      const key = scenario + "|" + (robustness.owner[i] || "");
      if (!cases.has(key)) cases.set(key, { scenario, owner: robustness.owner[i] });
      cases.get(key)[robustness.mode[i]] = i;
    });
    if (!cases.size) return section(said("robustness"), null, element("p", { class: "none" }, word("list.none_robustness")));
    const whole = (i) => (i === undefined ? "–" : number(robustness.survive[i]) + "/" + number(robustness.openings[i]));
    const cell = (column, i) => (i === undefined ? "–" : number(robustness[column][i]));
    const percent = (i) => (i === undefined || !proof.cost_yuan ? "–" : signed((100 * robustness.cost_yuan[i]) / proof.cost_yuan - 100, (value) => number(value, 1)));
    const head = (key) => element("th", { class: "number", title: word("hint." + key) }, label(key));
    const lines = [...cases.values()].flatMap(({ scenario, owner, kept, replanned }) => {
      const more = element("tr", { class: "more", hidden: true }, element("td", { colspan: 7 }, ...[kept, replanned].filter((i) => i !== undefined).map((i) => element("small", {}, robustness.reason[i] || ""))));
      const open = element("button", { class: "go", type: "button", "aria-expanded": "false", onclick: () => { more.hidden = !more.hidden; open.setAttribute("aria-expanded", String(!more.hidden)); } }, scenario === "duration" ? word("scenario.duration") : owner || "–");
      const numbers = [whole(kept), cell("same_dates", kept), cell("violations", kept), whole(replanned), cell("unplaced", replanned), percent(replanned)];
      return [element("tr", {}, element("td", {}, open), ...numbers.map((text) => element("td", { class: "number" }, text))), more];
    });
    const groups = element("tr", {}, element("th", {}), element("th", { colspan: 3, class: "group" }, word("scenario.kept")), element("th", { colspan: 3, class: "group" }, word("scenario.replanned")));
    const heads = element("tr", {}, element("th", {}, label("scenario")), head("survive"), head("same_dates"), head("violations"), head("survive"), head("left_out"), head("cost_change"));
    return section(said("robustness"), null, element("p", { class: "quote" }, said("robustness_note")), element("table", { class: "tight" }, element("thead", {}, groups, heads), element("tbody", {}, ...lines)));
  };
  const crews = () => {
    const { crews } = data("trench"), { section, table } = pane();
    if (!crews.crew.length) return section(said("crews"), null, element("p", { class: "none" }, word("list.none_crews")));
    const lines = crews.crew.map((crew, i) => [crews.crew[i - 1] === crew ? "" : crew, tonggou.shortDay(crews.starts[i]) + "–" + tonggou.shortDay(crews.ends[i]), number(crews.yuan[i])]);
    return section(said("crews"), tonggou.opening.priced(), element("p", { class: "quote" }, said("crews_note")), table([[label("owner"), ""], [label("week"), ""], [label("saves_most") + " " + word("unit.yuan"), "number"]], lines));
  };
  const gaps = () => {
    const { gaps } = data("trench"), { section, table, go } = pane(), { all } = trench().load();
    if (!gaps.segment.length) return section(said("gaps"), null, element("p", { class: "none" }, word("list.none_bound")));
    const name = (segment) => {
      const at = all.findIndex((opening) => opening.segment === segment);
      return at < 0 ? "–" : go(trench().name(at), () => trench().choose(at));
    };
    const lines = gaps.segment.map((segment, i) => [name(segment), ...["plan_yuan", "bound_yuan", "gap_yuan"].map((key) => money(gaps[key][i]))]);
    return section(said("gaps"), tonggou.opening.priced(), element("p", { class: "quote" }, said("gaps_note")), table([[`${label("segment")} (${word("unit.wan")})`, ""], [label("plan_cost"), "number"], [label("bound"), "number", word("hint.bound")], [label("gap"), "number"]], lines));
  };
  return { list, detail, page };
})();
