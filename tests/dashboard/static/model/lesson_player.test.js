import assert from "node:assert/strict";
import test from "node:test";
import { LessonPlayer, SPEEDS, STAGE_MS } from "../../../../dashboard/dashboard/static/model/lesson_player.js";

test("each stage is shown for its time, and after the last one the micro-batch is over", () => {
  const player = new LessonPlayer(2, false);
  assert.equal(player.tick(STAGE_MS - 1), null);
  assert.equal(player.tick(1), "stage");
  assert.deepEqual([player.stage, player.part, player.is_last], [1, 0, true]);
  assert.equal(player.tick(STAGE_MS), "end");
  assert.equal(player.stage, 1);
});

test("while it is paused, no time passes", () => {
  const player = new LessonPlayer(2, true);
  assert.equal(player.tick(10 * STAGE_MS), null);
  assert.deepEqual([player.stage, player.part], [0, 0]);
});

test("a stage that the viewer chooses stays", () => {
  const player = new LessonPlayer(3, false);
  player.tick(STAGE_MS / 2);
  player.stepTo(2);
  assert.deepEqual([player.stage, player.part, player.paused], [2, 0, true]);
  player.stepTo(7);
  assert.equal(player.stage, 2);
});

test("faster and slower end at the last speed, and keep what is over of the stage", () => {
  const player = new LessonPlayer(2, false);
  player.tick(STAGE_MS / 2);
  player.changeSpeed(1);
  assert.deepEqual([player.speed, player.part], [2, 0.5]);
  assert.equal(player.tick(STAGE_MS / 4), "stage");
  for (const by of /** @type {(1 | -1)[]} */ ([1, 1, 1])) player.changeSpeed(by);
  assert.deepEqual([player.speed, player.can_speed_up, player.can_slow_down], [SPEEDS[SPEEDS.length - 1], false, true]);
  for (let times = 0; times < 9; times += 1) player.changeSpeed(-1);
  assert.deepEqual([player.speed, player.can_slow_down], [SPEEDS[0], false]);
});
