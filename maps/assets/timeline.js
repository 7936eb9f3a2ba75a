// Openings in time: months to filter by, bars packed into lanes, how many roads are open at once.
tonggou.timeline = (() => {
  const { element, state, word, change, data } = tonggou;
  const canvas = document.getElementById("gantt"), slider = document.getElementById("month");
  let months = [], bars = [], timer = 0, load = [];

  const build = () => {
    const { openings } = data("trench");
    months = data("trench").months;
    slider.max = months.length;
    document.getElementById("months").replaceChildren(...["", ...months].map((month, i) =>
      element("button", { type: "button", "aria-pressed": String(state.month === i), onclick: () => change({ month: i }) }, i ? "" : word("month.year"))));
    bars = openings.id.map((_, i) => ({ i, from: openings.starts[i], to: openings.ends[i] })).filter((bar) => bar.from !== null && bar.to !== null).sort((a, b) => a.from - b.from || b.to - a.to);
    const free = [];
    for (const bar of bars) {
      let lane = free.findIndex((day) => day < bar.from);
      if (lane < 0) lane = free.push(0) - 1;
      free[lane] = bar.to;
      bar.lane = lane;
    }
    const first = months[0][2], days = months[months.length - 1][3] - first;
    load = new Array(days).fill(0);
    for (const bar of bars) for (let day = bar.from; day <= bar.to; day++) if (load[day - first] !== undefined) load[day - first]++;
    document.getElementById("load").textContent = word("month.load", { count: tonggou.number(Math.max(0, ...load)) });
    layout();
  };

  const slot = () => canvas.clientWidth / (months.length + 1);
  const across = (day) => {
    const at = months.findIndex((month) => day < month[3]), i = at < 0 ? months.length - 1 : at, [, , from, to] = months[i];
    return slot() * (i + 1 + (day - from) / (to - from));
  };

  const layout = () => {
    if (!months.length || !canvas.clientWidth) return;
    const width = slot(), thumb = 16;
    slider.style.marginLeft = width / 2 - thumb / 2 + "px";
    slider.style.width = months.length * width + thumb + "px";
    document.querySelectorAll("#months button").forEach((button, i) => {
      if (i) button.textContent = width > 44 ? word("month.names").split(",")[months[i - 1][1] - 1] : String(months[i - 1][1]);
      button.setAttribute("aria-pressed", String(state.month === i));
    });
    slider.value = state.month;
    slider.setAttribute("aria-valuetext", state.month ? months[state.month - 1].slice(0, 2).join("-") : word("month.year"));
    paint();
  };

  const paint = () => {
    const ratio = Math.min(2, window.devicePixelRatio || 1), wide = canvas.clientWidth, high = canvas.clientHeight;
    if (!wide || !high) return;
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (state.month) {
      pen.fillStyle = "#EEF2F6";
      pen.fillRect(slot() * state.month, 0, slot(), high);
    }
    pen.fillStyle = "#E6EAED";
    for (let i = 1; i <= months.length; i++) pen.fillRect(Math.round(slot() * i), 0, 1, high);
    const foot = high > 60 ? 28 : 0, room = high - foot - 6, lanes = 1 + Math.max(0, ...bars.map((bar) => bar.lane));
    const step = Math.min(10, room / lanes), thick = Math.max(1, step - (step > 4 ? 2 : 0.5));
    const view = tonggou.views.trench, chosen = state.chosen.trench;
    for (const bar of bars) {
      const from = across(bar.from), to = Math.max(from + 2, across(bar.to + 1));
      pen.globalAlpha = view.visible(bar.i) ? 1 : 0.18;
      pen.fillStyle = view.colour(bar.i);
      pen.fillRect(from, 3 + bar.lane * step, to - from, thick);
      if (chosen === bar.i) {
        pen.globalAlpha = 1;
        pen.strokeStyle = "#1D2730";
        pen.lineWidth = 1.5;
        pen.strokeRect(from - 1.5, 3 + bar.lane * step - 1.5, to - from + 3, thick + 3);
      }
    }
    pen.globalAlpha = 1;
    if (!foot) return;
    const most = Math.max(1, ...load), first = months[0][2];
    pen.beginPath();
    pen.moveTo(across(first), high);
    load.forEach((count, i) => {
      const y = high - (count / most) * (foot - 6);
      pen.lineTo(across(first + i), y);
      pen.lineTo(across(first + i + 1), y);
    });
    pen.lineTo(across(first + load.length), high);
    pen.fillStyle = "#DCE3EA";
    pen.fill();
    canvas.lanes = { step, foot };
  };

  canvas.addEventListener("click", (event) => {
    const x = event.offsetX, y = event.offsetY;
    if (x < slot()) { change({ month: 0 }); return; }
    const step = canvas.lanes ? canvas.lanes.step : 10;
    const hit = bars.find((bar) => x >= across(bar.from) - 2 && x <= across(bar.to + 1) + 2 && Math.floor((y - 3) / step) === bar.lane);
    if (hit) tonggou.views.trench.choose(hit.i);
    else change({ month: Math.min(months.length, Math.floor(x / slot())) });
  });
  slider.addEventListener("input", () => change({ month: Number(slider.value) }));
  document.getElementById("play").addEventListener("click", (event) => {
    if (timer) { clearInterval(timer); timer = 0; }
    else timer = setInterval(() => change({ month: (state.month % months.length) + 1 }), 1200);
    event.target.textContent = word(timer ? "month.stop" : "month.play");
  });
  new ResizeObserver(layout).observe(canvas);
  tonggou.follow(layout);
  return { build };
})();
