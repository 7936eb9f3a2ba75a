// The quiet ground: areas, roads, existing lines, names.
tonggou.ground = (() => {
  const { draw, data, state } = tonggou;
  const FILL = { planned_construction: "#F0EDE4", park: "#E9EEDF", green: "#E1EAD6", water_body: "#CFE0EA", building: "#E3DFD6" };
  const ORDER = ["planned_construction", "park", "green", "water_body", "building"];
  const KEY = ["town_centre", "industrial_park", "scenic_area", "rural_tourism"];
  const WIDTH = { expressway: 10, arterial: 9, secondary_road: 7, branch: 5.5, lane: 4, rural: 3 };

  let ready = null;
  const load = () => {
    if (ready) return ready;
    const base = data("base");
    const zones = base.zones.lines.map((parts, i) => ({ kind: base.kinds[base.zones.kind[i]], name: base.zones.name[i], parts: draw.shape(parts) })).filter((zone) => zone.parts.length);
    for (const zone of zones) Object.assign(zone, draw.around(zone.parts));
    const roads = base.roads.lines.map((parts, i) => ({ name: base.roads.name[i], kind: base.classes[base.roads.kind[i]] || "branch", parts: draw.shape(parts) }));
    const places = base.places.at.map((at, i) => ({ name: base.places.name[i], kind: base.places.kind[i], people: base.places.people[i] || 0, at })).filter((place) => place.at.length);
    for (const place of places) [place.x, place.y] = draw.position(place.at);
    places.sort((a, b) => b.people - a.people);
    ready = { zones, roads, places };
    return ready;
  };

  const areas = (frame) => {
    const { zones } = load(), pen = frame.pen;
    for (const kind of ORDER) {
      if (kind === "building" && frame.zoom < 13.5) continue;
      const path = new Path2D();
      for (const zone of zones)
        if (zone.kind === kind && draw.seen(frame, zone)) for (const part of zone.parts) draw.trace(path, draw.points(frame, part), true);
      pen.fillStyle = FILL[kind];
      pen.fill(path, "evenodd");
    }
    const keys = new Path2D(), edge = new Path2D();
    for (const zone of zones) {
      if (zone.kind === "boundary") for (const part of zone.parts) draw.trace(edge, draw.points(frame, part), true);
      if (KEY.includes(zone.kind)) for (const part of zone.parts) draw.trace(keys, draw.points(frame, part), true);
    }
    draw.stroke(frame, keys, "#A8B2A0", 1, [2, 3]);
    draw.stroke(frame, edge, "#9AA6AE", 1, [8, 3, 2, 3]);
  };

  const width = (frame, kind) => Math.max(0.8, (WIDTH[kind] || 4) * Math.min(3.2, Math.pow(1.5, frame.zoom - 15.5)));
  const roads = (frame, { over = false } = {}) => {
    const paths = new Map();
    for (const road of load().roads)
      for (const part of road.parts) {
        if (!draw.seen(frame, part)) continue;
        if (!paths.has(road.kind)) paths.set(road.kind, new Path2D());
        draw.trace(paths.get(road.kind), draw.points(frame, part));
      }
    if (over) {
      for (const [kind, path] of paths) draw.stroke(frame, path, "rgba(29,39,48,0.22)", Math.min(1.6, width(frame, kind) * 0.5));
      return;
    }
    for (const [kind, path] of paths) draw.stroke(frame, path, frame.zoom < 12.5 ? "#CBD1D6" : "#D3D9DD", width(frame, kind) + (frame.zoom < 13.5 ? 0.2 : 1.6));
    if (frame.zoom >= 13.5) for (const [kind, path] of paths) draw.stroke(frame, path, "#FFFFFF", width(frame, kind));
  };

  // a road's name once on its longest stretch within sight, upright
  const names = (frame, clearance = () => 0) => {
    const { roads: all, places, zones } = load(), held = new Map();
    const reach = frame.zoom < 13 ? 6 : frame.zoom < 15 ? 30 : 120;
    let count = 0;
    for (const place of places) {
      if (count >= reach || !place.name || (place.kind !== "settlement" && place.kind !== "committee")) continue;
      const x = frame.x(place.x), y = frame.y(place.y);
      if (x < 0 || y < 0 || x > frame.width || y > frame.height) continue;
      if (draw.label(frame, place.name, x, y, { size: place.people > 800 || count < 3 ? 13 : 12, colour: "#1D2730" })) count++;
    }
    for (const zone of zones)
      if (zone.name && KEY.includes(zone.kind) && draw.seen(frame, zone))
        draw.label(frame, zone.name, frame.x((zone.west + zone.east) / 2), frame.y((zone.north + zone.south) / 2), { colour: "#66765C" });
    if (frame.zoom < 14) return;
    for (const i of all.map((_, k) => k).sort((a, b) => clearance(a) - clearance(b))) {
      const road = all[i];
      if (!road.name) continue;
      for (const part of road.parts) {
        if (!draw.seen(frame, part)) continue;
        const at = straight(draw.points(frame, part)), off = clearance(i) && clearance(i) + 8;
        if (at.length < 13 * road.name.length || (held.get(road.name) || []).some(([x, y]) => Math.hypot(x - at.x, y - at.y) < 320)) continue;
        if (draw.label(frame, road.name, at.x + off * Math.sin(at.angle), at.y - off * Math.cos(at.angle), { angle: at.angle }))
          held.set(road.name, [...(held.get(road.name) || []), [at.x, at.y]]);
      }
    }
  };
  const straight = (given) => {
    let best = { length: 0 };
    for (let i = 0; i + 3 < given.length; i += 2) {
      const dx = given[i + 2] - given[i], dy = given[i + 3] - given[i + 1], length = Math.hypot(dx, dy);
      if (length <= best.length) continue;
      let angle = Math.atan2(dy, dx);
      if (angle > Math.PI / 2) angle -= Math.PI;
      if (angle < -Math.PI / 2) angle += Math.PI;
      best = { length, angle, x: given[i] + dx / 2, y: given[i + 1] + dy / 2 };
    }
    return best;
  };

  // position and length of roads by index, for cutting stretches out of them
  const road = (index) => load().roads[index];
  return { areas, roads, names, road, load };
})();
