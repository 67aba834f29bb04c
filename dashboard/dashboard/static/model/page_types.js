/**
 * Types that only the page uses. The types of messages and HTTP responses are in types.js.
 *
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").EventLeader} EventLeader
 * @typedef {import("./types.js").EventTotal} EventTotal
 * @typedef {import("./types.js").EventHealth} EventHealth
 *
 * @typedef {"window" | "batch" | "total" | "rising"} Ranking
 *
 * A snapshot, live, of the stored past, or of the archive. `archived`: the hour or the day is from the archive, which has so
 * many hours of it; all posts of it are not known.
 * @typedef {Event & {archived?: {step: Step, hours: number}}} AnySnapshot
 *
 * A step of the slider over the archive.
 * @typedef {"hour" | "day"} Step
 *
 * A live snapshot, and a snapshot of the stored past, which has no health.
 * @typedef {AnySnapshot & {seq: number, total: EventTotal, health: EventHealth}} Snapshot
 * @typedef {AnySnapshot & {health: null}} PastSnapshot
 *
 * A leader with its place on the board, which is its rank unless the order is held. `left`: the tag no longer leads.
 * `known`: its numbers are of the displayed snapshot, not of an earlier one.
 * @typedef {Folded & {place: number, left: boolean, known: boolean}} Placed
 *
 * A leader, perhaps in a topic. `others`: how many more tags of the topic are folded into its row; `is_open`: they are
 * displayed below it; `is_member`: the tag is one of those.
 * @typedef {EventLeader & {others?: number, is_open?: boolean, is_member?: boolean}} Folded
 *
 * One tag, from the dashboard's response or from the board. `panes`: null if the board has no curve of the tag.
 * @typedef {Omit<import("./types.js").TagWindow, "taken_back"> & {taken_back?: number | null}} TagWindow
 * @typedef {Omit<import("./types.js").Tag, "window" | "pairs" | "epoch" | "seq"> & {window: TagWindow | null,
 *   pairs?: import("./types.js").TagPairs | null, epoch?: number | null, seq?: number | null}} TagFacts
 *
 * Keys of the pinned tags, by place; null for a free place.
 * @typedef {(string | null)[]} Pins
 *
 * The panel beside the bars: one tag, the pinned tags, or null for no panel.
 * @typedef {{name: "tag", key: string} | {name: "compare"} | null} Panel
 *
 * The state of the connection to the dashboard. `since_ms`: when it began, by this browser's clock.
 * @typedef {{state: "connecting" | "connected" | "lost" | "offline", transport: string, since_ms: number}} Connection
 */
export {};
