"use strict";
// Shared by all: data blocks, words, elements, numbers, and the one state that every part follows.
const tonggou = (() => {
  // a repetitive column travels as its texts and a position for each row
  const unpack = (value) => {
    if (!value || typeof value !== "object" || Array.isArray(value)) return value;
    if (Array.isArray(value.of) && Array.isArray(value.at)) return value.at.map((position) => value.of[position]);
    for (const key of Object.keys(value)) value[key] = unpack(value[key]);
    return value;
  };
  const read = (name) => {
    const block = document.getElementById("data-" + name);
    return block ? unpack(JSON.parse(block.textContent)) : null;
  };
  const cache = new Map();
  const data = (name) => {
    if (!cache.has(name)) cache.set(name, read(name));
    return cache.get(name);
  };
  const word = (key, facts = {}) => {
    const text = data("words")[key];
    if (text === undefined) return key.slice(key.indexOf(".") + 1);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
  };

  // element("td", {class: "number"}, "text", child): text only ever becomes a text node
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };

  const language = document.documentElement.lang;
  const formats = new Map();
  const number = (value, digits = 0) => {
    if (value === null || value === undefined) return "–";
    if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return formats.get(digits).format(value).replace("-", "−");
  };
  const money = (yuan) => (yuan === null ? "–" : number(yuan / (language === "en" ? 1e3 : 1e4), 1));
  const signed = (value, show = number) => (value === null || value === undefined ? "–" : (value > 0 ? "+" : "") + show(value));
  const day = (offset) => {
    if (offset === null || offset === undefined) return "–";
    const [year, month, date] = data("trench").start.split("-").map(Number);
    return new Date(Date.UTC(year, month - 1, date + offset)).toISOString().slice(0, 10);
  };
  const shortDay = (offset) => day(offset).slice(5);

  const state = {
    view: "trench", pane: "map", list: {}, chosen: {}, month: 0, search: "", operator: null,
    hidden: new Set(), standard: false, pipes: false, thinned: false, item: null, kind: "", settled: false,
  };
  const followers = [];
  const follow = (action) => followers.push(action);
  const change = (patch) => {
    Object.assign(state, patch);
    const keys = new Set(Object.keys(patch));
    for (const action of followers) action(keys);
  };

  const utilities = () => data("base").utilities;
  const ink = (position) => {
    const look = data("palette").utilities[utilities()[position]];
    return { ...look, colour: state.standard ? look.standard : look.tuned };
  };
  const chips = (positions) =>
    element("span", { class: "chips" }, ...positions.map((position) => {
      const made = element("span", { class: "chip", title: word("utility." + utilities()[position]) }, ink(position).letter);
      made.style.background = data("palette").utilities[utilities()[position]].tuned;
      return made;
    }));

  const maps = {}, views = {}, sheets = {}, rasters = {};
  return {
    data, word, element, number, money, signed, day, shortDay, language, state, follow, change, utilities,
    ink, chips, maps, views, sheets, rasters,
    mount: (view, map) => { maps[view] = map; },
    raster: (key, layer) => { rasters[key] = layer; },
  };
})();
