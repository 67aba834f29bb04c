/**
 * Types that only the page has. What comes over the wire is in types.js.
 *
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").EventLeader} EventLeader
 * @typedef {import("./types.js").EventTotal} EventTotal
 * @typedef {import("./types.js").EventHealth} EventHealth
 *
 * @typedef {"window" | "batch" | "total"} Ranking
 *
 * A snapshot as it is pushed, and one of the stored past, which has no health.
 * @typedef {Event & {seq: number, total: EventTotal, health: EventHealth}} Snapshot
 * @typedef {Event & {health: null}} PastSnapshot
 *
 * A leader in its place on the board, which is its rank unless the order is held. `left`: it is no longer among those
 * that lead. `known`: its numbers are of the snapshot that is shown, and not of an earlier one.
 * @typedef {EventLeader & {place: number, left: boolean, known: boolean}} Placed
 *
 * One tag, as the dashboard answers or as the board has it. `panes`: null if the board has no curve of the tag.
 * @typedef {Omit<import("./types.js").TagWindow, "panes"> & {panes: number[] | null}} TagWindow
 * @typedef {Omit<import("./types.js").Tag, "window"> & {window: TagWindow | null}} TagFacts
 *
 * Keys of the tags that are pinned, by place; null for a place that is free.
 * @typedef {(string | null)[]} Pins
 *
 * What stands beside the bars: one tag, those that are pinned, or nothing.
 * @typedef {{name: "tag", key: string} | {name: "compare"} | null} Panel
 *
 * Whether this browser hears the dashboard. `since_ms`: since when, by this browser's clock.
 * @typedef {{state: "connecting" | "connected" | "lost" | "offline", transport: string, since_ms: number}} Connection
 */
export {};
