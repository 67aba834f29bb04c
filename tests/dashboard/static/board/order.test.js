import assert from "node:assert/strict";
import test from "node:test";
import { byRank, inPlaces, Order } from "../../../../dashboard/dashboard/static/board/order.js";

/** @param {string} tags by rank @returns {any[]} */
const ranked = (tags) => [...tags].map((key, at) => ({ key, rank: at + 1, posts: 100 - at }));
/** @param {string} tags @param {object} [part] @returns {any} */
const shown = (tags, part) => ({ top: ranked(tags), epoch: 1, view: { ranking: "window", source: null, lang: null }, ...part });
/** @param {any[]} placed @param {number} places */
const seen = (placed, places) => placed.filter(({ place }) => place <= places).map(({ key }) => key).join("");
const nowhere = () => null;

test("while the order is held each tag keeps its place and takes the new numbers", () => {
  const placed = inPlaces(byRank(ranked("abc")), ranked("cbadef"), 3);
  assert.equal(seen(placed, 3), "abc");
  assert.deepEqual(placed.map(({ key, rank, place }) => [key, rank, place]).slice(0, 4), [
    ["a", 3, 1],
    ["b", 2, 2],
    ["c", 1, 3],
    ["d", 4, 4],
  ]);
});

test("a tag that no longer leads keeps its place and is marked; its numbers are known as long as it is ranked", () => {
  const [a, b, c] = inPlaces(byRank(ranked("abc")), ranked("cdea"), 3);
  assert.deepEqual([a.left, a.known, a.rank], [true, true, 4]);
  assert.deepEqual([b.left, b.known, b.posts], [true, false, 99]);
  assert.deepEqual([c.left, c.known], [false, true]);
});

test("a new tag gets a free place and no other", () => {
  assert.equal(seen(inPlaces(byRank(ranked("ab")), ranked("xbya"), 3), 3), "abx");
});

test("the order is held from the first to the last call that asks for it", () => {
  const order = new Order();
  assert.equal(seen(order.arrange(shown("abcd"), 3, false, nowhere), 3), "abc");
  assert.equal(seen(order.arrange(shown("bacd"), 3, true, nowhere), 3), "bac");
  assert.equal(seen(order.arrange(shown("dcba"), 3, true, nowhere), 3), "bac");
  assert.equal(seen(order.arrange(shown("cdab"), 3, true, nowhere), 3), "bac");
  assert.equal(seen(order.arrange(shown("cdab"), 3, false, nowhere), 3), "cda");
});

test("another view, another number of rows and another count are lists of their own", () => {
  const others = [
    { shown: shown("dcba", { view: { ranking: "total", source: null, lang: null } }), places: 3 },
    { shown: shown("dcba"), places: 4 },
    { shown: shown("dcba", { epoch: 2 }), places: 3 },
  ];
  for (const { shown: other, places } of others) {
    const order = new Order();
    order.arrange(shown("abcd"), 3, true, nowhere);
    assert.equal(seen(order.arrange(other, places, true, nowhere), places), "dcba".slice(0, places));
  }
});

test("a row that glides past the pointer stays under it", () => {
  const order = new Order();
  assert.equal(seen(order.arrange(shown("abcd"), 4, true, () => ({ key: "d", place: 2 })), 4), "adbc");
  assert.equal(seen(order.arrange(shown("abcd"), 4, true, nowhere), 4), "adbc");
});
