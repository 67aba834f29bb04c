/** The facts of the status strip, as texts; null where there is none. Pure. */

import { count, duration, moment, posts, price } from "../i18n/format.js";
import { resumeText, sourceTrouble, withFullStop } from "../model/server_texts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").Source} Source */

const texts = words.strip;

/**
 * A source, its search terms, what is special about its posts, and its state unless it is "live".
 *
 * @param {Source} source @param {number} now_ms by ingest's clock
 */
export function sourceFact(source, now_ms) {
  const { name, terms, languages, state } = source;
  const search = terms.length ? terms.join(", ") : texts.all_posts;
  const text = languages.length ? texts.named_in_languages(name, search, languages.join(", ")) : texts.named(name, search);
  const closed = texts.feeds[String(source.facts.closed_feed)];
  const past_until_ms = source.facts.past_until_ms;
  const past = typeof past_until_ms === "number" ? texts.with_past(text, moment(past_until_ms, now_ms)) : text;
  const fact = closed ? texts.without_feed(past, closed) : past;
  if (state === "live") return fact;
  return texts.in_state(fact, (texts.source_states[state] ?? state) + (state === "paused" ? resumeText(source) : ""));
}

/**
 * What is wrong: sources that fail while others work, rules that can't be used, and an error of ingest.
 *
 * @param {Snapshot} snapshot
 */
export function troubleFact({ health: { ingest } }) {
  const troubled = ingest.sources.filter(({ state }) => state === "refused" || state === "retrying");
  const parts = ingest.sources.length > 1 ? troubled.map(sourceTrouble) : [];
  for (const { name, facts } of ingest.sources) {
    if (facts.rules_error) parts.push(texts.named(name, withFullStop(String(facts.rules_error))));
  }
  if (ingest.reachable && ingest.error) parts.push(withFullStop(ingest.error));
  return parts.length ? parts.join(" ") : null;
}

/** The bill of today and of this month; null if no source sends a bill. @param {Snapshot} snapshot */
export function billedFact({ health: { ingest } }) {
  const facts = ingest.sources.find(({ facts }) => "billed_today" in facts)?.facts;
  if (!facts) return null;
  const today = texts.bill(posts(Number(facts.billed_today)), price(Number(facts.cost_today_usd)));
  if (!("billed_month" in facts)) return today;
  const month = texts.bill_of_month(
    today,
    count(Number(facts.billed_month)),
    posts(Number(facts.monthly_limit)),
    price(Number(facts.cost_month_usd)),
  );
  if (!("meter_posts" in facts) || facts.meter_posts === facts.meter_counted) return month;
  const by_x = posts(Number(facts.meter_posts));
  const by_us = count(Number(facts.meter_counted));
  return facts.meter_period === "cycle" ? texts.meter_of_cycle(month, by_x, by_us) : texts.meter(month, by_x, by_us);
}

/** Why counting started again; null if it started for the first time. @param {Snapshot} snapshot */
export const beganFact = ({ health: { epoch_reason } }) => (epoch_reason === "first start" ? null : epoch_reason);

/** @param {Snapshot} snapshot */
export const lagFact = ({ health: { lag_posts, lag_ms } }) =>
  lag_posts === 0 ? texts.none : texts.lag(posts(lag_posts), duration(lag_ms));

/** Tags that were dropped from the totals. @param {Snapshot} snapshot */
export const droppedFact = ({ total: { dropped_tags, dropped_posts } }) =>
  dropped_tags > 0 ? texts.dropped(count(dropped_tags), posts(dropped_posts)) : null;

/**
 * Posts that were not counted: deleted before they were read, or unreadable. Posts that came after their pane had closed
 * were counted in a later one.
 *
 * @param {Snapshot} snapshot
 */
export function lostFact({ health: { lost, skipped, late } }) {
  const text = lost > 0 && skipped > 0 ? texts.lost(count(lost), count(skipped)) : count(lost);
  if (late > 0) return texts.late(text, count(late));
  return lost > 0 ? text : null;
}

/** Entries that were left out of the snapshot to limit its size. @param {Snapshot} snapshot */
export const cutFact = ({ health: { cut } }) => (cut > 0 ? texts.cut(count(cut), cut) : null);

/** Inputs dropped by all sources, with reasons. @param {Snapshot} snapshot */
export function malformedFact({ health }) {
  /** @type {Map<string, number>} */
  const reasons = new Map();
  for (const { malformed } of health.ingest.sources) {
    for (const [reason, dropped] of Object.entries(malformed)) reasons.set(reason, (reasons.get(reason) ?? 0) + dropped);
  }
  const parts = [...reasons].filter(([, dropped]) => dropped > 0).map(([reason, dropped]) => `${count(dropped)} ${reason}`);
  return parts.length ? parts.join(", ") : null;
}
