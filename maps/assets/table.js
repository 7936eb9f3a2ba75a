// The list beside the map: only the rows in sight exist; searched, sorted, linked to the map.
tonggou.table = (() => {
  const { element, state, word, change } = tonggou;
  const HEIGHT = 28;
  const root = document.getElementById("table");
  let shown = [], list = null, sort = null, grid = null, body = null, sortedOf = "";

  const lists = () => (tonggou.views[state.view] ? tonggou.views[state.view].lists() : []);
  const named = (all) => all.find((entry) => entry.key === state.list[state.view]) || all[0];

  const build = () => {
    const all = lists();
    list = named(all);
    const bar = document.getElementById("lists");
    bar.replaceChildren(...all.map((entry) =>
      element("button", { role: "tab", type: "button", "aria-selected": String(entry === list), onclick: () => change({ list: { ...state.list, [state.view]: entry.key } }) },
        word("list." + entry.key), entry.rows ? element("i", {}, tonggou.number(entry.count ?? entry.rows.length)) : null)));
    const choose = (list && list.choice) || tonggou.views[state.view]?.choice;
    document.getElementById("choice").replaceChildren(...(choose ? [choose()] : []));
    document.querySelector(".tools").hidden = Boolean(list && list.page);
    if (!list) { root.replaceChildren(); grid = null; return; }
    const key = state.view + list.key;
    if (sortedOf !== key) { sort = null; sortedOf = key; root.scrollTop = 0; }
    fill();
  };

  const fill = () => {
    if (!list) return;
    if (list.page) {
      shown = [];
      grid = null;
      root.replaceChildren(element("div", { class: "detail page" }, ...list.page()));
      return;
    }
    const wanted = state.search.trim().toLowerCase();
    shown = list.rows.filter((row) => (!list.kept || list.kept(row)) && (!wanted || list.text(row).toLowerCase().includes(wanted)));
    if (sort) {
      const { value } = list.columns[sort.column];
      shown = shown.map((row) => [value(row), row]).sort(([a], [b]) => sort.turn * compare(a, b)).map(([, row]) => row);
    }
    document.getElementById("shown").textContent = word("list.shown", { shown: tonggou.number(shown.length), total: tonggou.number(list.rows.length) });
    if (!shown.length) {
      root.replaceChildren(element("p", { class: "nothing" }, word(list.none || (list.rows.length ? "list.none_found" : "list.none_" + list.key))));
      grid = null;
      return;
    }
    const columns = list.columns.map((column) => column.width).join(" ");
    const head = element("div", { class: "row head-row", role: "row" }, ...list.columns.map((column, i) =>
      element("button", { type: "button", class: column.number ? "number" : "", title: column.hint, role: "columnheader", onclick: () => turn(i), "aria-sort": sort && sort.column === i ? (sort.turn > 0 ? "ascending" : "descending") : "none" },
        column.label + (sort && sort.column === i ? (sort.turn > 0 ? " ↑" : " ↓") : ""))));
    head.style.gridTemplateColumns = columns;
    body = element("div", { role: "rowgroup" });
    grid = element("div", { class: "grid", tabindex: "0", role: "grid", "aria-rowcount": shown.length, onkeydown: keys }, head, body);
    grid.style.height = (shown.length + 1) * HEIGHT + "px";
    root.replaceChildren(grid);
    rows();
  };

  const compare = (a, b) => {
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    return typeof a === "number" ? a - b : String(a).localeCompare(String(b), tonggou.language);
  };
  const turn = (column) => {
    sort = sort && sort.column === column ? (sort.turn > 0 ? { column, turn: -1 } : null) : { column, turn: 1 };
    fill();
  };

  const rows = () => {
    if (!grid) return;
    const columns = list.columns.map((column) => column.width).join(" ");
    const first = Math.max(0, Math.floor(root.scrollTop / HEIGHT) - 4);
    const last = Math.min(shown.length, Math.ceil((root.scrollTop + root.clientHeight) / HEIGHT) + 4);
    body.replaceChildren(...shown.slice(first, last).map((row, i) => {
      const chosen = list.chosen(row);
      const made = element("div", { class: "row" + (chosen ? " chosen" : ""), role: "row", "aria-selected": String(chosen), onclick: () => list.choose(row) },
        ...list.columns.map((column) => cell(column, row)));
      made.style.gridTemplateColumns = columns;
      made.style.top = (first + i + 1) * HEIGHT + "px";
      return made;
    }));
  };
  const cell = (column, row) => {
    const content = column.show(row), name = [column.number ? "number" : "", column.tone ? column.tone(row) : ""].join(" ").trim();
    const text = typeof content === "string" ? content : null;
    return element("span", { class: name || null, role: "gridcell", title: text && text.length > 6 ? text : null }, content);
  };

  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = shown.findIndex((row) => list.chosen(row));
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
    if (next) list.choose(next);
  };
  const reveal = () => {
    if (!grid) return;
    const at = shown.findIndex((row) => list.chosen(row));
    if (at < 0) return;
    const top = at * HEIGHT, room = root.clientHeight - 2 * HEIGHT;
    if (top < root.scrollTop || top > root.scrollTop + room) root.scrollTop = Math.max(0, top - room / 2);
  };

  root.addEventListener("scroll", () => rows());
  new ResizeObserver(() => rows()).observe(root);
  document.getElementById("search").addEventListener("input", (event) => change({ search: event.target.value }));
  tonggou.follow((changed) => {
    if (["view", "list", "operator", "hidden", "month", "kind", "settled"].some((key) => changed.has(key))) build();
    else if (changed.has("search")) fill();
    if (changed.has("chosen")) { reveal(); rows(); }
  });
  return { build };
})();
