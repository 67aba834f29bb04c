import assert from "node:assert/strict";
import test from "node:test";
import { VISIBLE_MS, WallAlert } from "../../../../dashboard/dashboard/static/alerts/wall_alert.js";

/** @param {string} rule @returns {any} */
const alert = (rule) => ({ rule, sentence: `${rule} fired.`, lang: "en" });

/** Made-up elements of the page. Returns the rule in the banner; null if there is no banner. */
function fakePage() {
  /** @type {Record<string, any>} */
  const elements = {};
  const make = () => {
    const element = { textContent: "", lang: "", visible: false, classList: {} };
    element.classList = { toggle: (/** @type {string} */ _name, /** @type {boolean} */ on) => (element.visible = on) };
    return element;
  };
  const fakes = /** @type {any} */ (globalThis);
  fakes.document = { getElementById: (/** @type {string} */ id) => (elements[id] ??= make()) };
  fakes.window = globalThis;
  return () => (elements["wall-alert"].visible ? elements["wall-alert-rule"].textContent : null);
}

test("each alert is displayed for some seconds, in turn, and at most five wait", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const shown = fakePage();
  const wall = new WallAlert();
  wall.show([alert("first")]);
  assert.equal(shown(), "first");
  wall.show(["a", "b", "c", "d", "e", "f"].map(alert));
  context.mock.timers.tick(VISIBLE_MS - 1);
  assert.equal(shown(), "first");
  for (const rule of ["b", "c", "d", "e", "f", null]) {
    context.mock.timers.tick(rule === "b" ? 1 : VISIBLE_MS);
    assert.equal(shown(), rule);
  }
  wall.show([alert("later")]);
  assert.equal(shown(), "later");
});
