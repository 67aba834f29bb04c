/** The title of the page: the leading hashtag, and an alarm in front of it while there is one. */

const current = { text: "", stays: false, alarm: /** @type {string | null} */ (null) };

/** @param {string} text the title without an alarm @param {boolean} [stays] do later calls not change it? */
export function setTitle(text, stays = false) {
  if (current.stays) return;
  Object.assign(current, { text, stays });
  update();
}

/** @param {string | null} alarm null removes it */
export function setTitleAlarm(alarm) {
  current.alarm = alarm;
  update();
}

function update() {
  current.text ||= document.title;
  const title = current.alarm === null ? current.text : `⚠ ${current.alarm} · ${current.text}`;
  if (document.title !== title) document.title = title;
}
