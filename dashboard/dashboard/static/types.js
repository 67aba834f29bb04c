/**
 * What comes over the wire (docs/protocol.md, "Browser").
 *
 * @typedef {{rank: number, previous_rank: number | null, key: string, label: string, posts: number}} Leader
 * @typedef {"starting" | "waiting" | "live" | "retrying" | "paused" | "refused" | "finished"} SourceState
 * @typedef {{name: string, terms: string[], languages: string[], state: SourceState, since_ms: number,
 *   until_ms: number | null, error: string | null, accepted: number, malformed: Record<string, number>,
 *   facts: Record<string, string | number>}} Source
 * @typedef {{reachable: boolean, since_ms: number, error: string | null, notice: string | null,
 *   track_error: string | null, sources: Source[]}} Ingest
 * @typedef {{offset: number, lag_posts: number, lag_ms: number, lost: number, newest_at_ms: number | null,
 *   batch_ms: number | null, posts_per_second: number, query_error: string | null, epoch_reason: string,
 *   history: string | null, ingest: Ingest}} Health
 * @typedef {{epoch: number, seq: number, produced_at_ms: number, top_n: number, from_ms: number, to_ms: number,
 *   posts: number, top: Leader[], health: Health}} Snapshot
 *
 * Whether this browser hears the dashboard. `since_ms`: since when, by this browser's clock.
 * @typedef {{state: "connecting" | "connected" | "lost", transport: string, since_ms: number}} Connection
 */
export {};
