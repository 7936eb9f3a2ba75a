// Many lines from one packed text (maps/packed.py): unpacked once, found by a grid, drawn on tiles.
tonggou.packed = (() => {
  const bytes = (text) => {
    const raw = atob(text), found = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
    return found;
  };
  const inflated = async (given) => {
    if (!window.DecompressionStream) return inflate(given);
    const stream = new Blob([given]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  // blocks of whole numbers of 7 bits a byte, see maps/packed.py
  const blocks = (given) => {
    const head = new DataView(given.buffer, given.byteOffset), word = (i) => head.getUint32(4 * i, true);
    const [version, lines, vertices, columns] = [0, 1, 2, 3].map(word);
    if (version !== 1) throw new Error("packed lines of version " + version);
    let at = 4 * (7 + columns);
    return Array.from({ length: 3 + columns }, (_, block) => {
      const found = new Uint32Array(block === 1 || block === 2 ? vertices : lines), end = at + word(4 + block);
      for (let i = 0; at < end; i++) {
        let value = 0, shift = 0, next;
        do { next = given[at++]; value |= (next & 127) << shift; shift += 7; } while (next & 128);
        found[i] = value;
      }
      return found;
    });
  };
  const unzigzag = (value) => (value >>> 1) ^ -(value & 1);

  // a uniform grid over the lines' boxes: for each cell where its lines begin in `of`
  const index = (west, north, east, south) => {
    const count = west.length, side = Math.max(1, Math.ceil(Math.sqrt(count / 4)));
    let left = 1, top = 1, right = 0, bottom = 0;
    for (let i = 0; i < count; i++) {
      left = Math.min(left, west[i]); right = Math.max(right, east[i]);
      top = Math.min(top, north[i]); bottom = Math.max(bottom, south[i]);
    }
    const wide = side / Math.max(right - left, 1e-12), high = side / Math.max(bottom - top, 1e-12);
    const column = (x) => Math.max(0, Math.min(side - 1, Math.floor((x - left) * wide)));
    const row = (y) => Math.max(0, Math.min(side - 1, Math.floor((y - top) * high)));
    const begin = new Uint32Array(side * side + 1);
    const cells = (i, action) => {
      const last = column(east[i]), low = row(south[i]);
      for (let r = row(north[i]); r <= low; r++) for (let c = column(west[i]); c <= last; c++) action(r * side + c);
    };
    for (let i = 0; i < count; i++) cells(i, (cell) => begin[cell + 1]++);
    for (let cell = 0; cell < side * side; cell++) begin[cell + 1] += begin[cell];
    const of = new Uint32Array(begin[side * side]), place = begin.slice(0, -1);
    for (let i = 0; i < count; i++) cells(i, (cell) => { of[place[cell]++] = i; });
    const asked = new Uint32Array(count);
    let turn = 0;
    // each line whose box may meet a box, once
    return (box, action) => {
      turn++;
      if (box.east < left || box.west > right || box.south < top || box.north > bottom) return;
      const last = column(box.east), low = row(box.south);
      for (let r = row(box.north); r <= low; r++)
        for (let c = column(box.west); c <= last; c++)
          for (let at = begin[r * side + c], end = begin[r * side + c + 1]; at < end; at++) {
            const i = of[at];
            if (asked[i] === turn) continue;
            asked[i] = turn;
            if (west[i] <= box.east && east[i] >= box.west && north[i] <= box.south && south[i] >= box.north) action(i);
          }
    };
  };

  const unpack = async ({ lines, columns }) => {
    const [counts, lons, lats, ...values] = blocks(await inflated(bytes(lines)));
    const count = counts.length, begin = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) begin[i + 1] = begin[i] + counts[i];
    const x = new Float64Array(lons.length), y = new Float64Array(lats.length);
    const west = new Float64Array(count).fill(2), north = west.slice(), east = new Float64Array(count).fill(-1), south = east.slice();
    let lon = 0, lat = 0;
    for (let i = 0, line = 0; i < x.length; i++) {
      lon += unzigzag(lons[i]);
      lat += unzigzag(lats[i]);
      [x[i], y[i]] = tonggou.draw.position([lon, lat]);
      while (begin[line + 1] <= i) line++;
      west[line] = Math.min(west[line], x[i]); east[line] = Math.max(east[line], x[i]);
      north[line] = Math.min(north[line], y[i]); south[line] = Math.max(south[line], y[i]);
    }
    const column = Object.fromEntries(Object.keys(columns).map((name, i) => [name, values[i]]));
    const text = (name, line) => columns[name][column[name][line]];
    return { count, begin, x, y, west, north, east, south, column, text, within: index(west, north, east, south) };
  };

  const known = new Map();
  // the lines of a block, unpacked at the first call
  const lines = (name) => {
    if (!known.has(name)) {
      const block = tonggou.data(name);
      known.set(name, unpack(block));
      document.getElementById("data-" + name).textContent = "";
      block.lines = "";
    }
    return known.get(name);
  };

  // the nearest line within some pixels of a place in the Mercator square, -1 for none
  const nearest = (given, shown, x, y, reach) => {
    let best = -1, least = reach * reach;
    given.within({ west: x - reach, east: x + reach, north: y - reach, south: y + reach }, (line) => {
      if (!shown(line)) return;
      for (let i = given.begin[line]; i + 1 < given.begin[line + 1]; i++) {
        const ax = given.x[i], ay = given.y[i], dx = given.x[i + 1] - ax, dy = given.y[i + 1] - ay;
        const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
        const ex = ax + share * dx - x, ey = ay + share * dy - y, apart = ex * ex + ey * ey;
        if (apart < least) { least = apart; best = line; }
      }
    });
    return best;
  };
  return { lines, nearest };
})();

// Tiles of packed lines: one path a class and tile; at a distance lines of less than a pixel are thinned.
tonggou.PackedLines = L.GridLayer.extend({
  options: { pane: "lines", tileSize: 512, updateWhenZooming: false, keepBuffer: 1, className: "packed" },
  initialize(given, look) {
    L.GridLayer.prototype.initialize.call(this);
    this.given = given;
    // kind(line), shown(line), pen(kind, zoom) -> {colour, width, dash}
    this.look = look;
  },
  createTile(coords, done) {
    const tile = document.createElement("canvas"), size = this.getTileSize().x;
    tile.width = tile.height = size * Math.min(2, window.devicePixelRatio || 1);
    tile.style.width = tile.style.height = size + "px";
    tile.at = coords;
    requestAnimationFrame(() => { this.paint(tile); done(null, tile); });
    return tile;
  },
  // draws the tiles anew in place: nothing blinks while a filter moves
  repaint() {
    for (const { el } of Object.values(this._tiles)) if (el.at) this.paint(el);
  },
  thinned: false,
  paint(tile) {
    const { given, look } = this, size = this.getTileSize().x, { x, y, z } = tile.at;
    const scale = 256 * 2 ** z, left = x * size, top = y * size, margin = 8 / scale;
    const box = { west: left / scale - margin, east: (left + size) / scale + margin, north: top / scale - margin, south: (top + size) / scale + margin };
    const pen = tile.getContext("2d"), paths = new Map(), taken = new Map();
    const tiny = 1.5 / scale, cell = (line) => Math.floor(given.north[line] * scale - top + 8) * (size + 16) + Math.floor(given.west[line] * scale - left + 8);
    given.within(box, (line) => {
      if (!look.shown(line)) return;
      const kind = look.kind(line);
      if (!paths.has(kind)) { paths.set(kind, new Path2D()); taken.set(kind, new Set()); }
      if (given.east[line] - given.west[line] < tiny && given.south[line] - given.north[line] < tiny) {
        const here = cell(line), held = taken.get(kind);
        if (held.has(here)) { this.thinned = true; return; }
        held.add(here);
      }
      const path = paths.get(kind), last = given.begin[line + 1] - 1;
      let i = given.begin[line], px = given.x[i] * scale - left, py = given.y[i] * scale - top;
      path.moveTo(px, py);
      for (i++; i <= last; i++) {
        const qx = given.x[i] * scale - left, qy = given.y[i] * scale - top;
        if (i < last && Math.abs(qx - px) + Math.abs(qy - py) < 1) continue;
        path.lineTo(qx, qy);
        px = qx; py = qy;
      }
    });
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, tile.width, tile.height);
    pen.scale(tile.width / size, tile.height / size);
    // classes lie in the same order on every tile, else the seams would show
    for (const [kind, path] of [...paths].sort(([one], [other]) => one - other)) {
      const { colour, width, dash } = look.pen(kind, z);
      tonggou.draw.stroke({ pen }, path, colour, width, dash, "butt");
    }
  },
  pick(latlng, pixels = 6) {
    const scale = this._map.options.crs.scale(this._map.getZoom()), point = this._map.project(latlng);
    return tonggou.packed.nearest(this.given, this.look.shown, point.x / scale, point.y / scale, pixels / scale);
  },
});
