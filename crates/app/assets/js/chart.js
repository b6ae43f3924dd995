// Turns the server's drawing into an interactive chart. Reads `data-chart` (written by
// http/ui/chart.rs) and the colours of the style sheet; draws again when the theme changes.

const live = [];

function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    series: [1, 2, 3, 4, 5].map((n) => value(`--chart-${n}`)),
    estimated: value("--estimated"),
    ink: value("--ink"),
    soft: value("--ink-soft"),
    line: value("--line"),
    surface: value("--surface"),
    // The library measures words on a canvas, which knows no "inherit".
    font: getComputedStyle(document.body).fontFamily,
  };
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

function options(data, colour) {
  const scale = 10 ** data.decimals;
  const shown = (value) =>
    value === null || value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: data.decimals });
  const text = { color: colour.soft, fontFamily: colour.font };
  const common = {
    animation: !still.matches,
    animationDuration: 200,
    aria: { enabled: false },
    color: colour.series,
    textStyle: text,
    tooltip: {
      trigger: data.kind === "pie" ? "item" : "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: colour.surface,
      borderColor: colour.line,
      textStyle: { color: colour.ink },
      valueFormatter: (value) => `${shown(value)} ${data.unit}`,
    },
  };
  if (data.kind === "pie") {
    const first = data.series[0] ?? { values: [] };
    const slices = data.labels.map((name, i) => ({ name, value: first.values[i] / scale }));
    return { ...common, series: [{ type: "pie", radius: ["45%", "75%"], data: slices, label: { color: colour.ink } }] };
  }
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: Math.PI / 4, color: colour.surface };
  return {
    ...common,
    grid: { left: 8, right: 12, top: data.series.length > 1 ? 34 : 10, bottom: data.zoom ? 60 : 8, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, left: 0, itemGap: 14, textStyle: { ...text, color: colour.ink }, itemHeight: 10 } : undefined,
    xAxis: { type: "category", data: data.labels, axisLine: { lineStyle: { color: colour.soft } }, axisTick: { show: false }, axisLabel: { color: colour.soft } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: colour.line } }, axisLabel: { color: colour.soft } },
    dataZoom: data.zoom ? [{ type: "inside" }, { type: "slider", height: 24, bottom: 12, borderColor: colour.line, textStyle: { color: colour.soft } }] : undefined,
    series: data.series.map((row) => ({
      name: row.name,
      type: data.kind,
      stack: data.stacked ? "all" : undefined,
      showSymbol: false,
      connectNulls: false,
      barMaxWidth: 36,
      data: row.values.map((value, i) => ({
        value: value === null ? null : value / scale,
        itemStyle: row.estimated[i] ? { color: colour.estimated, decal: hatch } : undefined,
      })),
    })),
  };
}

function draw(element) {
  const data = JSON.parse(element.dataset.chart);
  element.textContent = "";
  element.classList.add("live");
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption(options(data, colours()));
  const svg = element.querySelector("svg");
  if (svg) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", element.closest("figure").querySelector("figcaption").textContent);
  }
  live.push({ chart, data });
  new ResizeObserver(() => chart.resize()).observe(element);
}

function again() {
  for (const { chart, data } of live) chart.setOption(options(data, colours()), true);
}

if (window.echarts) {
  for (const element of document.querySelectorAll("[data-chart]")) draw(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}
