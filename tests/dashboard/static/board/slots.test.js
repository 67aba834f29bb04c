import assert from "node:assert/strict";
import test from "node:test";
import { Slots } from "../../../../dashboard/dashboard/static/board/slots.js";

test("no visible slot changes its tag, over two thousand random updates", () => {
  const slots = new Slots(20, 10);
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let step = 0; step < 2000; step++) {
    const keys = Array.from({ length: 40 }, (_, key) => `k${key}`).sort(() => random() - 0.5);
    /** @type {any[]} */
    const top = keys.slice(0, Math.floor(random() * 21)).map((key, index) => ({ key, place: index + 1 }));
    const before = slots.leaders;
    const after = slots.assign(top);
    const placed = after.flatMap((leader) => (leader ? [leader.key] : []));
    assert.equal(new Set(placed).size, placed.length, `${step}: a tag twice`);
    for (const { key } of top.slice(0, 10)) assert.ok(placed.includes(key), `${step}: ${key} is missing`);
    after.forEach((leader, slot) => {
      const was = before[slot];
      if (was && was.place <= 10 && leader) assert.equal(leader.key, was.key, `${step}: ${was.key} becomes another tag`);
    });
  }
});

test("the slot that is reused is the one that has been hidden for the longest time", () => {
  const slots = new Slots(6, 2);
  const top = (/** @type {string} */ keys) => /** @type {any[]} */ ([...keys].map((key, at) => ({ key, place: at + 1 })));
  const slotOf = (/** @type {string} */ key) => slots.leaders.findIndex((leader) => leader?.key === key);
  slots.assign(top("ab"));
  const [a, b] = [slotOf("a"), slotOf("b")];
  slots.assign(top("cdab"));
  slots.assign(top("efcd"));
  slots.assign(top("gh"));
  assert.deepEqual([slotOf("g"), slotOf("h")].sort(), [a, b].sort());
});
