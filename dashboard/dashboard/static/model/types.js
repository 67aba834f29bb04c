/**
 * What comes over the wire (docs/protocol.md, "Browser"), and what the parts of the page hand each other.
 *
 * @typedef {{rank: number, previous_rank: number | null, key: string, label: string, posts: number,
 *   posts_before: number | null, first_seen_ms: number | null, panes: number[] | null}} Leader
 * A leader in its place on the board, which is its rank unless the order is held. `left`: it is no longer among those
 * that lead. `known`: its numbers are of the snapshot that is shown, and not of an earlier one.
 * @typedef {Leader & {place: number, left: boolean, known: boolean}} Placed
 * @typedef {"window" | "batch" | "total"} Ranking
 * @typedef {{ranking: Ranking, source: string | null, lang: string | null}} View
 * @typedef {{source: [string, number][], lang: [string, number][]}} Choices
 * @typedef {{since_ms: number, posts: number, tags: number, dropped_tags: number, dropped_posts: number}} Total
 *
 * @typedef {"starting" | "waiting" | "live" | "retrying" | "paused" | "refused" | "finished"} SourceState
 * @typedef {{name: string, terms: string[], languages: string[], state: SourceState, since_ms: number,
 *   until_ms: number | null, error: string | null, accepted: number, duplicate: number,
 *   filtered: number, malformed: Record<string, number>,
 *   facts: Record<string, string | number>}} Source
 * @typedef {{reachable: boolean, since_ms: number, error: string | null, notice: string | null,
 *   watermark_ms: number | null, track_error: string | null, sources: Source[]}} Ingest
 * @typedef {{offset: number, lag_posts: number, lag_ms: number, lost: number, skipped: number, cut: number,
 *   newest_at_ms: number | null,
 *   batch_ms: number | null, posts_per_second: number, query_error: string | null, epoch_reason: string,
 *   history: string | null, relay: string | null, ingest: Ingest}} Health
 *
 * @typedef {{epoch: number, seq: number, produced_at_ms: number, age_ms: number | null, top_n: number, pane_seconds: number,
 *   window_seconds: number, view: View, from_ms: number, to_ms: number, posts: number, posts_before: number | null,
 *   top: Leader[], coverage: {from_ms: number, missing_ms: number}, sources: string[] | null, choices: Choices,
 *   total: Total | null}} Numbers
 *
 * A snapshot as it is pushed, and one of the kept past, which tells no health.
 * @typedef {Numbers & {total: Total, health: Health}} Snapshot
 * @typedef {Numbers & {health: null}} PastSnapshot
 *
 * Posts per step over all that is kept. `from_ms` is null when nothing is.
 * @typedef {{from_ms: number | null, to_ms: number | null, step_ms: number, posts: number[]}} Timeline
 *
 * One tag: in the window of now, since the start, and in the kept panes in which it led.
 * @typedef {{rank: number, posts: number, share: number, from_ms: number, to_ms: number,
 *   counted_from_ms: number, panes: number[] | null}} TagWindow
 * @typedef {{key: string, label: string, window: TagWindow | null, total: {rank: number, posts: number} | null,
 *   first_seen_ms: number | null, history: [number, number][], history_step_ms: number, sources: string[],
 *   links: {source: string, url: string}[]}} TagFacts
 *
 * Keys of the tags that are pinned, by place; null for a place that is free.
 * @typedef {(string | null)[]} Pins
 *
 * What stands beside the bars: one tag, those that are pinned, or nothing.
 * @typedef {{name: "tag", key: string} | {name: "compare"} | null} Panel
 *
 * Whether this browser hears the dashboard. `since_ms`: since when, by this browser's clock.
 * @typedef {{state: "connecting" | "connected" | "lost" | "offline", transport: string, since_ms: number}} Connection
 *
 * A push that the dashboard refused, and how long ago (`/healthz`).
 * @typedef {{reason: string, error: string, age_ms: number}} Refusal
 */
export {};
