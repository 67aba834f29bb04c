import assert from "node:assert/strict";
import test from "node:test";

globalThis.matchMedia = /** @type {any} */ (() => ({ matches: false, addEventListener() {} }));
const { curvesFigure, truncate, hashtag, escapeHtml, rankingFigure } = await import(
  "../../../../dashboard/dashboard/static/save/image_figures.js"
);

/** Ten pixels per letter. @param {string} text */
const measure = (text) => 10 * text.length;
const text = (/** @type {string} */ name, /** @type {number} */ x) => ({ name, text: "", x, xshift: -16, y: 1 });
const RANKING = {
  data: [{ x: [], y: [], marker: { color: "green" } }],
  layout: {
    height: 100,
    margin: { l: 90 },
    meta: { row_px: 40, label_px: 100 },
    title: { text: "", subtitle: { text: "" } },
    yaxis: {},
    annotations: [text("rank", 0), text("tag", 0), text("posts", 1), text("share", 1)],
  },
};
const row = (/** @type {string} */ label, /** @type {number} */ posts, colour = "") => ({
  label, posts, colour, rank: "1", count: "1,000", share: "9.0%",
});
const HEADING = { title: "A & B", subtitle: "<now>", sources: "" };

test("the picture grows with its rows and with the longest tag", () => {
  const { data, layout } = rankingFigure(RANKING, HEADING, [row("one", 10), row("eleven", 5, "red")], measure);
  assert.deepEqual([layout.height, layout.margin.l, layout.yaxis.range], [180, 160, [2.5, 0.5]]);
  assert.deepEqual([data[0].x, data[0].y, data[0].marker.color], [[1, 0.5], [1, 2], ["green", "red"]]);
  assert.deepEqual(
    layout.annotations.slice(4).map((/** @type {any} */ one) => [one.text, one.y, one.xshift]),
    [["1", 2, -86], ["#eleven", 2, -86], ["1,000", 2, -16], ["9.0%", 2, -16]],
  );
  assert.equal(RANKING.layout.height, 100);
});

test("texts are escaped, since Plotly reads HTML", () => {
  const { layout } = rankingFigure(RANKING, HEADING, [row("<b>&lt", 1)], measure);
  assert.equal(layout.annotations[1].text, "#&lt;b&gt;&amp;lt");
  assert.deepEqual([layout.title.text, layout.title.subtitle.text], ["A &amp; B", "&lt;now&gt;"]);
  assert.equal(escapeHtml("a"), "a");
});

test("the sources have their own line", () => {
  const { layout } = rankingFigure(RANKING, { ...HEADING, sources: "Source: <b>" }, [], measure);
  assert.equal(layout.title.subtitle.text, "&lt;now&gt;<br>Source: &lt;b&gt;");
});

test("a tag that is too long is cut between two letters", () => {
  assert.equal(truncate("#short", 100, measure), "#short");
  assert.equal(truncate("#abcdefghijkl", 100, measure), "#abcdefgh…");
  assert.equal(truncate("#कि".repeat(5), 50, measure), "#कि#…");
});

test("the # is at the side where the script of the tag begins", () => {
  assert.equal(hashtag("كأس_العالم"), "\u200F#كأس_العالم");
  assert.equal(hashtag("2026_كأس"), "\u200F#2026_كأس");
  assert.equal(hashtag("東京"), "#東京");
});

test("the picture of the curves has a legend only for several tags", () => {
  const pattern = {
    data: [{ line: { color: "green" } }],
    layout: {
      height: 700,
      margin: { t: 200 },
      meta: { legend_px: 50 },
      title: { text: "", subtitle: { text: "" } },
      annotations: [{ name: "window" }, { name: "gaps" }],
      xaxis: { nticks: 9 },
      xaxis2: { nticks: 9 },
    },
  };
  const curve = (/** @type {any} */ label) => ({ label, colour: "", dash: "dot", points: [[0, 1], [10, 2]], step_ms: 10 });
  const curves = (/** @type {string[]} */ ...labels) => /** @type {any} */ ({
    tags: labels.map((label) => ({ label })), window: labels.map(curve), history: labels.map(curve),
  });
  const notes = { window: "The window", gaps: "Gaps" };
  const two = curvesFigure(pattern, HEADING, curves("a", "b"), notes);
  assert.deepEqual([two.layout.showlegend, two.layout.height], [true, 700]);
  assert.deepEqual(two.data.map(({ name, xaxis }) => [name, xaxis]), [
    ["#a", undefined], ["#b", undefined], [undefined, "x2"], [undefined, "x2"],
  ]);
  const one = curvesFigure(pattern, HEADING, curves("a"), notes);
  assert.deepEqual([one.layout.showlegend, one.layout.height, one.layout.margin.t], [false, 650, 150]);
  assert.equal(one.layout.annotations[0].text, "The window");
});
