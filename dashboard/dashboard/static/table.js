/** The table that holds the numbers of the chart. */

/** @typedef {import("./types.js").Leader} Leader */

/** @param {HTMLTableElement} table @param {Leader[]} leaders by rank */
export function fillTable(table, leaders) {
  table.tBodies[0].replaceChildren(...leaders.map(row));
}

/** @param {Leader} leader */
function row({ rank, label, posts }) {
  const cells = document.createElement("tr");
  for (const [index, text] of [String(rank), `#${label}`, String(posts)].entries()) {
    const cell = document.createElement("td");
    // As text, never as HTML: anybody can write a tag.
    cell.textContent = text;
    if (index === 1) cell.dir = "auto";
    cells.append(cell);
  }
  return cells;
}
