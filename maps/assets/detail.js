// The pane that says what the selected thing rests on.
tonggou.detail = (() => {
  const { element, word } = tonggou;
  const root = document.getElementById("detail");

  const facts = (pairs) =>
    element("dl", { class: "facts" }, ...pairs.filter((pair) => pair && pair[1] !== null && pair[1] !== "").flatMap(([label, value, unit, full]) =>
      [element("dt", { class: full ? "full" : null }, label), element("dd", { class: full ? "full" : null }, value, unit ? element("i", {}, " " + unit) : null)]));
  const head = (title, id, ...badges) => element("header", {}, element("h2", {}, title), ...badges, element("span", { class: "id" }, id));
  const section = (title, note, ...children) => [element("h3", {}, title, note ? element("em", {}, note) : null), ...children];
  const badge = (text, tone = "") => element("span", { class: "badge " + tone }, text);
  // columns: [label, class, what a pointer is told]; the last row may be a sum
  const table = (columns, rows, sum) => {
    const line = (cells) => element("tr", {}, ...cells.map((cell, i) => element("td", { class: columns[i][1] || null }, ...(Array.isArray(cell) ? cell : [cell]))));
    return element("table", {},
      element("thead", {}, element("tr", {}, ...columns.map(([label, kind, hint]) => element("th", { class: kind || null, title: hint }, label)))),
      element("tbody", {}, ...rows.map(line)), sum ? element("tfoot", {}, line(sum)) : null);
  };
  const list = (texts) => element("ul", {}, ...texts.filter(Boolean).map((text) => element("li", {}, text)));
  const go = (text, action) => element("button", { class: "go", type: "button", onclick: action }, text);
  const items = (text) => (text || "").split(/[;；\n]/).map((part) => part.trim()).filter(Boolean);
  // "name（mark）；..." with days, authority and clause of each
  const permits = (text) => {
    const known = tonggou.data("permits"), found = items(text);
    if (!found.length) return element("p", { class: "quote" }, word("detail.permits_none"));
    return element("ul", { class: "permits" }, ...found.map((item) => {
      const [, name, mark] = item.match(/^(.*?)（(假设|有据)）$/) || [null, item, ""], rule = known[name];
      return element("li", {},
        element("span", {}, rule ? rule.name : name, mark === "假设" ? badge(word("confidence.assumption"), "warning") : null),
        rule ? element("span", { class: "number" }, tonggou.number(rule.days), element("i", {}, " " + word("unit.working_days"))) : null,
        rule ? element("small", {}, [rule.first ? word("detail.permit_first") : "", rule.authority, rule.source, rule.note].filter(Boolean).join(tonggou.language === "en" ? "; " : "；")) : null);
    }));
  };

  // two costs as bars on one scale, and what is saved
  const compare = (mine, other, mineLabel, otherLabel) => {
    const most = Math.max(mine || 0, other || 0, 1), unit = word("unit.wan");
    const bar = (value, name) => {
      const inner = element("i");
      inner.style.width = (100 * (value || 0)) / most + "%";
      return element("span", { class: "bar " + name }, inner);
    };
    const row = (label, value, name) => [element("span", {}, label), bar(value, name), element("span", { class: "number" }, tonggou.money(value), element("i", {}, " " + unit))];
    return element("div", { class: "compare" }, ...row(mineLabel, mine, "mine"), ...row(otherLabel, other, ""));
  };

  const show = () => {
    const view = tonggou.views[tonggou.state.view];
    if (!view) return;
    const content = view.detail();
    root.scrollTop = 0;
    root.classList.toggle("filled", Boolean(content));
    root.replaceChildren(...(content || [...(view.idle?.() || []), element("p", { class: "none" }, word("page.no_detail"))]));
  };
  tonggou.follow((changed) => { if (["view", "chosen", "item"].some((key) => changed.has(key))) show(); });
  return { facts, head, section, badge, table, list, go, permits, compare, show };
})();
