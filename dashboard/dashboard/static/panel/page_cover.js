/** On a phone the panel covers the page: the covered parts get no focus. */

/** The screens on which the panel covers the page. */
const COVERS_PAGE = matchMedia("(max-width: 32rem)");
const COVERED = ".head > :not(h1), .board, .rising, .empty, .table-view, .timebar, .strip";

/** @param {() => boolean} isOpen is the panel open? */
export function watchCover(isOpen) {
  COVERS_PAGE.addEventListener("change", () => setPageInert(isOpen()));
}

/** @param {boolean} open */
export function setPageInert(open) {
  for (const part of document.querySelectorAll(COVERED)) part.toggleAttribute("inert", open && COVERS_PAGE.matches);
}
