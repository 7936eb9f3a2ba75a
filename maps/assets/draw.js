// Lines and areas as arrays in the Mercator square (0 to 1), and how they are put on a canvas.
tonggou.draw = (() => {
  const latitude = (degrees) => {
    const sine = Math.sin((degrees * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };
  const position = ([lon, lat]) => [lon / 360e6 + 0.5, latitude(lat / 1e6)];

  const line = (steps) => {
    const count = steps.length / 2, x = new Float64Array(count), y = new Float64Array(count);
    let lon = 0, lat = 0;
    for (let i = 0; i < count; i++) {
      lon += steps[2 * i];
      lat += steps[2 * i + 1];
      x[i] = lon / 360e6 + 0.5;
      y[i] = latitude(lat / 1e6);
    }
    return measured(x, y);
  };
  const measured = (x, y) => {
    const at = new Float64Array(x.length);
    let west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
    for (let i = 0; i < x.length; i++) {
      if (i) at[i] = at[i - 1] + Math.hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
      west = Math.min(west, x[i]); east = Math.max(east, x[i]);
      north = Math.min(north, y[i]); south = Math.max(south, y[i]);
    }
    return { x, y, at, west, east, north, south, length: x.length ? at[x.length - 1] : 0 };
  };
  const shape = (parts) => parts.map(line).filter((part) => part.x.length);

  // the same line running towards the east, so that neighbours keep their sides on the screen
  const eastward = (part) => {
    const last = part.x.length - 1, dx = part.x[last] - part.x[0], dy = part.y[last] - part.y[0];
    const turn = Math.abs(dx) > 0.4 * Math.abs(dy) ? dx < 0 : dy < 0;
    return turn ? measured(part.x.slice().reverse(), part.y.slice().reverse()) : part;
  };

  // the stretch between two shares of a line's length
  const cut = (part, from, to) => {
    const low = Math.max(0, Math.min(from, to)) * part.length, high = Math.min(1, Math.max(from, to)) * part.length;
    if (low <= 0 && high >= part.length) return part;
    const x = [], y = [];
    const add = (i, at) => {
      const step = part.at[i + 1] - part.at[i] || 1, share = (at - part.at[i]) / step;
      x.push(part.x[i] + share * (part.x[i + 1] - part.x[i]));
      y.push(part.y[i] + share * (part.y[i + 1] - part.y[i]));
    };
    for (let i = 0; i + 1 < part.x.length; i++) {
      if (part.at[i + 1] < low || part.at[i] > high) continue;
      if (!x.length) add(i, Math.max(low, part.at[i]));
      add(i, Math.min(high, part.at[i + 1]));
    }
    return measured(Float64Array.from(x), Float64Array.from(y));
  };

  const seen = (frame, part, margin = 0) =>
    part.east >= frame.west - margin && part.west <= frame.east + margin &&
    part.south >= frame.north - margin && part.north <= frame.south + margin;

  // screen points x0, y0, x1, y1, ... without those closer than a pixel to the one before
  const points = (frame, part) => {
    const found = [], last = part.x.length - 1;
    for (let i = 0; i <= last; i++) {
      const x = part.x[i] * frame.scale - frame.left, y = part.y[i] * frame.scale - frame.top, n = found.length;
      if (n && Math.abs(x - found[n - 2]) + Math.abs(y - found[n - 1]) < 1) {
        if (i < last || n <= 2) continue;
        found[n - 2] = x; found[n - 1] = y;
      } else found.push(x, y);
    }
    return found;
  };

  // screen points moved to the right by a distance, mitred, at most twice the distance at a corner
  const beside = (given, distance) => {
    const count = given.length / 2;
    if (!distance || count < 2) return given;
    const moved = new Array(given.length);
    let beforeX = 0, beforeY = 0;
    for (let i = 0; i < count; i++) {
      let nextX = beforeX, nextY = beforeY;
      if (i + 1 < count) {
        const dx = given[2 * i + 2] - given[2 * i], dy = given[2 * i + 3] - given[2 * i + 1];
        const length = Math.hypot(dx, dy) || 1;
        nextX = -dy / length; nextY = dx / length;
      }
      if (!i) { beforeX = nextX; beforeY = nextY; }
      const sumX = beforeX + nextX, sumY = beforeY + nextY;
      const square = Math.max(1, (sumX * sumX + sumY * sumY) / 2);
      moved[2 * i] = given[2 * i] + (sumX / square) * distance;
      moved[2 * i + 1] = given[2 * i + 1] + (sumY / square) * distance;
      beforeX = nextX; beforeY = nextY;
    }
    return moved;
  };

  const trace = (path, given, close = false) => {
    if (given.length < 4) return;
    path.moveTo(given[0], given[1]);
    for (let i = 2; i < given.length; i += 2) path.lineTo(given[i], given[i + 1]);
    if (close) path.closePath();
  };

  const stroke = (frame, path, colour, width, dash = [], cap = "round") => {
    const pen = frame.pen;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.lineCap = dash.length ? "butt" : cap;
    pen.setLineDash(dash);
    pen.stroke(path);
    pen.setLineDash([]);
  };

  const hatches = new Map();
  const hatch = (frame, colour, falling = false) => {
    const key = colour + falling;
    if (!hatches.has(key)) {
      const tile = document.createElement("canvas"), pen = tile.getContext("2d");
      tile.width = tile.height = 8;
      pen.strokeStyle = colour;
      pen.lineWidth = 1;
      pen.beginPath();
      for (const start of [-8, 0, 8]) { pen.moveTo(start, falling ? 0 : 8); pen.lineTo(start + 8, falling ? 8 : 0); }
      pen.stroke();
      hatches.set(key, tile);
    }
    return frame.pen.createPattern(hatches.get(key), "repeat");
  };
  // a pattern where a picture is not clear; the picture lies between two corners of the Mercator square
  const veil = (frame, picture, [[west, north], [east, south]], pattern) => {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), ratio = frame.pen.canvas.width / frame.width;
    canvas.width = frame.pen.canvas.width;
    canvas.height = frame.pen.canvas.height;
    pen.scale(ratio, ratio);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, frame.x(west), frame.y(north), frame.x(east) - frame.x(west), frame.y(south) - frame.y(north));
    pen.globalCompositeOperation = "source-in";
    pen.fillStyle = pattern;
    pen.fillRect(0, 0, frame.width, frame.height);
    frame.pen.drawImage(canvas, 0, 0, frame.width, frame.height);
  };

  // keeps labels apart: place(box) is true, and remembers it, where nothing lies yet
  const placer = () => {
    const taken = [];
    return (x, y, width, height) => {
      const box = [x - width / 2 - 2, y - height / 2 - 2, x + width / 2 + 2, y + height / 2 + 2];
      const free = taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
      if (free) taken.push(box);
      return free;
    };
  };
  const FONT = '"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif';
  const label = (frame, text, x, y, { size = 12, colour = "#5B6770", weight = 400, angle = 0, halo = "#F6F6F3", align = "center", force = false } = {}) => {
    const pen = frame.pen;
    pen.font = `${weight} ${size}px ${FONT}`;
    const width = pen.measureText(text).width;
    const centre = align === "left" ? x + width / 2 : x;
    const wide = Math.abs(Math.cos(angle)) * width + Math.abs(Math.sin(angle)) * size;
    const high = Math.abs(Math.sin(angle)) * width + Math.abs(Math.cos(angle)) * (size + 2);
    if (!frame.place(centre, y, wide, high) && !force) return false;
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = halo;
    pen.strokeText(text, 0, 0);
    pen.fillStyle = colour;
    pen.fillText(text, 0, 0);
    pen.restore();
    return true;
  };

  const disc = (frame, x, y, radius, fill, edge = "#FFFFFF", width = 1.5) => {
    const pen = frame.pen;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = width;
    pen.strokeStyle = edge;
    pen.stroke();
  };

  // smallest distance in pixels from a point to screen points
  const distance = (given, x, y) => {
    let best = Infinity;
    for (let i = 0; i + 3 < given.length; i += 2) {
      const dx = given[i + 2] - given[i], dy = given[i + 3] - given[i + 1];
      const share = Math.max(0, Math.min(1, ((x - given[i]) * dx + (y - given[i + 1]) * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, Math.hypot(given[i] + share * dx - x, given[i + 1] + share * dy - y));
    }
    return best;
  };
  const inside = (parts, x, y) => {
    let within = false;
    for (const part of parts)
      for (let i = 0, j = part.x.length - 1; i < part.x.length; j = i++)
        if (part.y[i] > y !== part.y[j] > y && x < ((part.x[j] - part.x[i]) * (y - part.y[i])) / (part.y[j] - part.y[i]) + part.x[i])
          within = !within;
    return within;
  };
  const around = (parts) => ({
    west: Math.min(...parts.map((part) => part.west)), east: Math.max(...parts.map((part) => part.east)),
    north: Math.min(...parts.map((part) => part.north)), south: Math.max(...parts.map((part) => part.south)),
  });

  // where most of many shapes lie: without the outermost tenth on each side
  const most = (shapes) => {
    if (!shapes.length) return null;
    const share = (values, part) => values.sort((a, b) => a - b)[Math.round(part * (values.length - 1))];
    const low = shapes.length > 12 ? 0.1 : 0;
    return {
      west: share(shapes.map((one) => one.west), low), east: share(shapes.map((one) => one.east), 1 - low),
      north: share(shapes.map((one) => one.north), low), south: share(shapes.map((one) => one.south), 1 - low),
    };
  };

  return { position, line, most, shape, eastward, cut, seen, points, beside, trace, stroke, hatch, veil, placer, label, disc, distance, inside, around };
})();
