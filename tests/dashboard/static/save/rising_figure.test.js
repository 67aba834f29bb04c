import assert from "node:assert/strict";
import test from "node:test";

globalThis.matchMedia = /** @type {any} */ (() => ({ matches: false, addEventListener() {} }));
const { risingFigure } = await import("../../../../dashboard/dashboard/static/save/rising_figure.js");

/** Ten pixels per letter. @param {string} text */
const measure = (text) => 10 * text.length;
const text = (/** @type {string} */ name) => ({ name, text: "", x: 0, font: { size: 20, color: "grey" } });
const PATTERN = {
  data: [{ marker: { color: "green" } }],
  layout: {
    height: 100, margin: { l: 90, r: 200 }, title: { text: "", subtitle: { text: "" } }, xaxis: {}, yaxis: {},
    annotations: [text("rank"), text("tag"), text("posts"), text("share")],
  },
};
const HEADING = { title: "A & B", subtitle: "now", sources: "" };
const topic = (/** @type {string} */ details) => ({
  labels: ["one", "<b>"], reason: "12 times", details, values: [0, 10], band: { mean: 1, lower: 0, upper: 5 },
});

test("each topic has its texts, and a curve in front of the band of what is usual", () => {
  const { data, layout } = risingFigure(PATTERN, HEADING, [topic("few"), topic("x".repeat(200))], measure);
  const texts = layout.annotations.map((/** @type {any} */ one) => one.text);
  assert.deepEqual(texts.slice(0, 3), ["#one  #&lt;b&gt;", "12 times", "few"]);
  // The details end before the curve.
  assert.equal(texts[5], `${"x".repeat(103)}…`);
  assert.equal(data.length, 4);
  const [band, curve] = data;
  assert.deepEqual([band.fill, band.y], ["toself", [1, 1, 1.35, 1.35]]);
  assert.deepEqual(curve.y.map((/** @type {number} */ y) => y.toFixed(2)), ["1.35", "0.65"]);
  assert.equal(curve.line.color, "green");
  assert.ok(layout.height > 100 && PATTERN.layout.height === 100);
});
