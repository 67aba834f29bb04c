import assert from "node:assert/strict";
import test from "node:test";
import { TabLeader } from "../../../../dashboard/dashboard/static/ui/tab_leader.js";

/** Locks of one browser: the requests wait in a line. @returns {any} */
function fakeLocks() {
  /** @type {(() => unknown)[]} */
  const line = [];
  return {
    line,
    request: (/** @type {string} */ _name, /** @type {() => unknown} */ hold) => {
      line.push(hold);
      if (line.length === 1) hold();
      return new Promise(() => {});
    },
  };
}

test("one tab is the leader, and the next one after it", () => {
  const locks = fakeLocks();
  const [first, second] = [new TabLeader("alerts", locks), new TabLeader("alerts", locks)];
  assert.ok(!first.is_leader);
  first.request();
  first.request();
  second.request();
  assert.deepEqual([first.is_leader, second.is_leader, locks.line.length], [true, false, 2]);
  locks.line[1]();
  assert.ok(second.is_leader);
});

test("each tab is a leader in a browser without locks, and where they are refused", async () => {
  assert.ok(new TabLeader("alerts", undefined).is_leader);
  const refused = new TabLeader("alerts", /** @type {any} */ ({ request: () => Promise.reject(new Error("refused")) }));
  refused.request();
  await Promise.resolve();
  assert.ok(refused.is_leader);
});
