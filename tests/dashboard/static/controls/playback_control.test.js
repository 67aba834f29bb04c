import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_VIEW } from "../../../../dashboard/dashboard/static/model/address.js";
import { PlaybackControl } from "../../../../dashboard/dashboard/static/controls/playback_control.js";

test("after a fault while a past time is displayed, the slider waits no longer", async () => {
  globalThis.fetch = async () => Response.json({});
  const fault = new Error("a fault of the page");
  const playback = { frozen: null, freeze: () => { throw fault; } };
  const control = new PlaybackControl(/** @type {any} */ ({
    playback, timebar: { showError: () => undefined }, view: () => DEFAULT_VIEW, onChange: () => undefined,
  }));
  const going = control.goTo(1_795_176_000_000, null);
  assert.equal(control.waits, true);
  await assert.rejects(going, fault);
  assert.equal(control.waits, false);
});
