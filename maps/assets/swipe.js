// Before and after side by side: two panes of one map, cut at a divider that pointer and keys move.
tonggou.swipe = (() => {
  const { element, word } = tonggou;
  const SIDES = ["before", "after"], STEPS = { ArrowLeft: -2, ArrowRight: 2, ArrowDown: -2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
  let map = null, bar = null, sheets = [], share = 50;

  const cut = () => {
    const size = map.getSize(), first = map.containerPointToLayerPoint([0, 0]), last = map.containerPointToLayerPoint(size);
    const middle = bar.hidden ? last.x : Math.round(first.x + (share / 100) * size.x);
    const edges = { before: [first.x, middle], after: [middle, last.x] };
    for (const side of SIDES) map.getPane(side).style.clip = `rect(${first.y}px ${edges[side][1]}px ${last.y}px ${edges[side][0]}px)`;
  };
  const move = (to) => {
    share = Math.max(0, Math.min(100, to));
    bar.style.left = share + "%";
    bar.dataset.near = share < 16 ? "left" : share > 84 ? "right" : "";
    bar.setAttribute("aria-valuenow", Math.round(share));
    bar.setAttribute("aria-valuetext", word("map.swipe_at", { share: Math.round(share) }));
    cut();
  };
  const drag = (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const box = bar.parentElement.getBoundingClientRect();
    move((100 * (event.clientX - box.left)) / box.width);
  };

  // paint(frame, side) draws what lies in one side's pane, over the pictures there
  const mount = (given, paint) => {
    map = given;
    bar = element("div", {
      class: "swipe", role: "slider", tabindex: "0", hidden: true, title: word("map.swipe"), "aria-label": word("map.swipe"),
      "aria-orientation": "horizontal", "aria-valuemin": "0", "aria-valuemax": "100",
      onpointerdown: (event) => { bar.setPointerCapture(event.pointerId); event.preventDefault(); bar.focus(); },
      onpointermove: drag,
      onkeydown: (event) => {
        if (!(event.key in STEPS)) return;
        event.preventDefault();
        move(share + STEPS[event.key]);
      },
    }, ...SIDES.map((side) => element("span", { class: side }, word("map." + side))), element("b", { "aria-hidden": "true" }, "‹ ›"));
    map.getContainer().parentElement.append(bar);
    sheets = SIDES.map((side, i) => {
      map.createPane(side).style.zIndex = 380 + i;
      return new tonggou.Sheet((frame) => paint(frame, side), { pane: side }).addTo(map);
    });
    map.on("move viewreset zoomend resize", cut);
    move(share);
  };
  const redraw = () => sheets.forEach((sheet) => sheet.redraw());
  // a picture lies in the pane of its side; without a divider the first side fills the map
  const put = (layer, side) => { layer.options.pane = side; layer.addTo(map); };
  const open = (wanted) => { bar.hidden = !wanted; cut(); };
  return { mount, redraw, put, open };
})();
