import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_VIEW, RISING_VIEW, parseAddress } from "../../../../dashboard/dashboard/static/model/address.js";

/** @type {Record<string, () => void>} */
const listeners = {};
globalThis.addEventListener = /** @type {any} */ ((/** @type {string} */ name, /** @type {() => void} */ listener) => {
  listeners[name] = listener;
});
const { DefaultView } = await import("../../../../dashboard/dashboard/static/controls/default_view.js");

const PLAIN = parseAddress("", "");
const WITHOUT = { rising_topics: null };
const WITH = { rising_topics: 0 };

test("a page opens with Rising if there is a list, even an empty one", () => {
  const view = new DefaultView(false);
  assert.deepEqual(view.of(PLAIN), DEFAULT_VIEW);
  assert.equal(view.update(PLAIN, WITH, true), true);
  assert.deepEqual([view.of(PLAIN), view.named(PLAIN)], [RISING_VIEW, RISING_VIEW]);
});

test("an address that names a view or a moment keeps it", () => {
  for (const search of ["?view=window", "?view=total", "?lang=es", "?by=authors", "?at=1795176000000"]) {
    const view = new DefaultView(false);
    const address = parseAddress(search, "");
    assert.equal(view.update(address, WITH, true), false, search);
    assert.deepEqual(view.of(address), address.view ?? DEFAULT_VIEW);
  }
});

test("an open page changes to Rising once, unless somebody has used it", () => {
  const idle = new DefaultView(false);
  assert.equal(idle.update(PLAIN, WITHOUT, true), false);
  assert.equal(idle.named(PLAIN), null);
  assert.equal(idle.update(PLAIN, WITH, false), true);
  // A list that is away again, after a new start of the job, does not change the page back.
  assert.equal(idle.update(PLAIN, WITHOUT, false), false);
  assert.deepEqual(idle.of(PLAIN), RISING_VIEW);
  const used = new DefaultView(false);
  used.update(PLAIN, WITHOUT, true);
  listeners.pointermove();
  assert.equal(used.update(PLAIN, WITH, false), false);
  assert.deepEqual(used.of(PLAIN), DEFAULT_VIEW);
});

test("a wall changes even if somebody has touched it", () => {
  const wall = new DefaultView(true);
  wall.update(PLAIN, WITHOUT, true);
  listeners.keydown();
  assert.equal(wall.update(PLAIN, WITH, false), true);
});
