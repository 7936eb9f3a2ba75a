// One canvas over the map: drawn whole after each move, scaled with the map while it zooms.
tonggou.Sheet = L.Renderer.extend({
  options: { pane: "sheet", padding: 0.25 },
  initialize(paint, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._paint = paint;
  },
  _initContainer() {
    this._container = document.createElement("canvas");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    this.repaint();
  },
  // paint at the next frame, once, however often asked
  redraw() {
    if (this._asked || !this._map) return;
    this._asked = requestAnimationFrame(() => {
      this._asked = 0;
      if (this._map) this.repaint();
    });
  },
  repaint() {
    const canvas = this._container, map = this._map, size = this._bounds.getSize(), ratio = Math.min(2, window.devicePixelRatio || 1);
    if (!size.x || !size.y) return;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const origin = map.getPixelOrigin().add(this._bounds.min), scale = map.options.crs.scale(map.getZoom());
    const frame = {
      pen, scale, left: origin.x, top: origin.y, zoom: map.getZoom(), width: size.x, height: size.y,
      west: origin.x / scale, east: (origin.x + size.x) / scale,
      north: origin.y / scale, south: (origin.y + size.y) / scale,
      place: tonggou.draw.placer(),
    };
    frame.x = (value) => value * scale - frame.left;
    frame.y = (value) => value * scale - frame.top;
    this.frame = frame;
    this._paint(frame);
  },
});
