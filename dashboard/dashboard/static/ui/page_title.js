/** The title of the page: what leads, and before it an alarm while there is one. */

const shown = { text: "", alarm: /** @type {string | null} */ (null) };

/** @param {string} text what the page shows */
export function showTitle(text) {
  shown.text = text;
  write();
}

/** @param {string | null} alarm null when there is none */
export function markTitle(alarm) {
  shown.alarm = alarm;
  write();
}

function write() {
  shown.text ||= document.title;
  const title = shown.alarm === null ? shown.text : `⚠ ${shown.alarm} · ${shown.text}`;
  if (document.title !== title) document.title = title;
}
