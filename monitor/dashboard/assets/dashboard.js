/* global document, window, EventSource, getComputedStyle, matchMedia, ResizeObserver, setInterval, uPlot */
"use strict";

/** Every page can be read without this script. It draws the charts and keeps the page up to date. */

const ago = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
};

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = `${ago(Date.now() - Date.parse(time.dateTime))} ago`;
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(refreshTimes, 1000);

/** Lines differ by colour and by dashes. */
const dashes = [[], [8, 4], [2, 4], [12, 4, 2, 4], [5, 2], [1, 2]];

/** The points that no line shows, because there is nothing beside them. */
function alone(chart, series) {
  const values = chart.data[series];
  const isKnown = (index) => values[index] !== null && values[index] !== undefined;
  return [...values.keys()].filter(
    (index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1),
  );
}

function draw(plot) {
  const { times, unit, lines } = JSON.parse(plot.dataset.chart);
  const style = getComputedStyle(plot);
  const colour = (name) => style.getPropertyValue(name).trim();
  const day = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--quiet"), font: "12px system-ui, sans-serif", grid, ticks: grid };
  const top = unit === "%" ? 10 : 1;
  const options = {
    width: plot.clientWidth,
    height: 220,
    tzDate: day,
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: true },
    scales: { y: { range: (_, low, high) => [0, Math.max(top, high * 1.15)] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((at) => day(at).toTimeString().slice(0, 5)) },
      { ...axis, size: 74, values: (_, splits) => splits.map((value) => `${value} ${unit}`) },
    ],
    series: [
      {
        label: "UTC",
        value: (_, at) =>
          at === null || at === undefined ? "–" : day(at).toTimeString().slice(0, 5),
      },
      ...lines.map(({ name }, index) => ({
        label: name,
        stroke: colour(`--series-${(index % 6) + 1}`),
        width: 2,
        dash: dashes[index % dashes.length],
        points: { show: true, size: 6, filter: alone },
        spanGaps: false,
        value: (_, value) => (value === null || value === undefined ? "–" : `${value} ${unit}`),
      })),
    ],
  };
  return new uPlot(options, [times, ...lines.map(({ values }) => values)], plot);
}

for (const plot of document.querySelectorAll("[data-chart]")) {
  plot.hidden = false;
  let chart = draw(plot);
  const redraw = () => {
    chart.destroy();
    chart = draw(plot);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(() => {
    if (plot.clientWidth > 0 && plot.clientWidth !== chart.width) {
      chart.setSize({ width: plot.clientWidth, height: 220 });
    }
  }).observe(plot);
}

/** New rows come on top; as many go at the end. */
const rowsKept = 20;
/** The monitor says something every 15 s, in ms: what is silent for longer is cut off, though no error tells. */
const longestSilence = 45_000;
const rows = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");

if (rows !== null && state !== null) {
  let isHeld = false;
  let waiting = "";
  /** `connecting`, then `live` or `cut`. */
  let connection = "connecting";
  let heardAt = Date.now();
  let known = document.querySelector("#verdict h1")?.textContent.trim();
  const announcement = document.getElementById("announcement");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  const word = document.createElement("span");
  state.append(word, " ", button);
  state.hidden = false;

  const put = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const row of template.content.children) row.classList.add("fresh");
    rows.prepend(template.content);
    while (rows.children.length > rowsKept) rows.lastElementChild.remove();
    document.querySelector("[data-live-empty]")?.remove();
  };
  const words = { connecting: "Connecting", cut: "Not connected, trying again" };
  const show = () => {
    word.textContent = words[connection] ?? (isHeld ? "Held" : "Live");
    state.classList.toggle("on", connection === "live" && !isHeld);
    button.textContent = isHeld ? "Go on" : "Hold the list";
    document.body.classList.toggle("cut", connection === "cut");
  };
  const sayAlerts = (count) => {
    document.title = count + document.title.replace(/^\([\d?]+\) /, "");
  };
  const hear = () => {
    heardAt = Date.now();
    if (connection === "live") return;
    connection = "live";
    show();
  };
  const miss = () => {
    if (connection === "cut") return;
    connection = "cut";
    show();
    sayAlerts("(?) ");
    announcement.textContent = document.getElementById("cut").textContent.trim();
  };
  button.addEventListener("click", () => {
    isHeld = !isHeld;
    if (!isHeld && waiting !== "") {
      put(waiting);
      waiting = "";
    }
    show();
  });

  const source = new EventSource(rows.dataset.live);
  source.addEventListener("error", miss);
  setInterval(() => {
    if (Date.now() - heardAt > longestSilence) miss();
  }, 1000);
  for (const name of ["here", "rows", "standing"]) source.addEventListener(name, hear);
  source.addEventListener("rows", (event) => {
    const { rows: html } = JSON.parse(event.data);
    if (isHeld) waiting = html + waiting;
    else put(html);
  });
  source.addEventListener("standing", (event) => {
    const { standing, verdict, alerts } = JSON.parse(event.data);
    replace("standing", standing);
    replace("verdict", verdict);
    sayAlerts(alerts === "0" ? "" : `(${alerts}) `);
    const heading = document.querySelector("#verdict h1")?.textContent.trim();
    if (heading !== undefined && known !== undefined && heading !== known) {
      announcement.textContent = heading;
    }
    known = heading;
  });
  window.addEventListener("pagehide", () => {
    source.close();
  });
  show();
}

/** What has the focus is left as it is, so that nobody loses their place. */
function replace(id, html) {
  const place = document.getElementById(id);
  if (place === null || place.contains(document.activeElement)) return;
  if (place.innerHTML !== html) place.innerHTML = html;
}
