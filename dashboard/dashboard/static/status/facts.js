/** What the strip says of the pipeline, fact by fact; null where there is nothing to say. Pure. */

import { count, duration, posts, price } from "../i18n/format.js";
import { resumption, sentence, trouble } from "../model/pipeline_state.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/types.js").Source} Source */

const say = words.strip;

/** The source, what it is asked for, and its state where that is not "live". @param {Source} source */
export function sourceFact(source) {
  const { name, terms, languages, state } = source;
  const asked = terms.length ? terms.join(", ") : say.everything;
  const wanted = languages.length ? say.asked_in(name, asked, languages.join(", ")) : say.asked(name, asked);
  const closed = say.feeds[String(source.facts.closed_feed)];
  const fact = closed ? say.without_feed(wanted, closed) : wanted;
  if (state === "live") return fact;
  return say.in_state(fact, (say.source_states[state] ?? state) + (state === "paused" ? resumption(source) : ""));
}

/**
 * Sources that are in trouble beside others, and an ingest that refuses what the job acknowledges.
 *
 * @param {Snapshot} snapshot
 */
export function troubleFact({ health: { ingest } }) {
  const troubled = ingest.sources.filter(({ state }) => state === "refused" || state === "retrying");
  const parts = ingest.sources.length > 1 ? troubled.map(trouble) : [];
  for (const { name, facts } of ingest.sources) {
    if (facts.rules_error) parts.push(say.asked(name, sentence(String(facts.rules_error))));
  }
  if (ingest.reachable && ingest.error) parts.push(sentence(ingest.error));
  return parts.length ? parts.join(" ") : null;
}

/** What is billed today and this month; null when nothing ever is. @param {Snapshot} snapshot */
export function billedFact({ health: { ingest } }) {
  const facts = ingest.sources.find(({ facts }) => "billed_today" in facts)?.facts;
  if (!facts) return null;
  const today = say.bill(posts(Number(facts.billed_today)), price(Number(facts.cost_today_usd)));
  if (!("billed_month" in facts)) return today;
  const month = say.bill_of_month(
    today,
    count(Number(facts.billed_month)),
    posts(Number(facts.monthly_limit)),
    price(Number(facts.cost_month_usd)),
  );
  if (!("meter_posts" in facts) || facts.meter_posts === facts.meter_counted) return month;
  const by_x = posts(Number(facts.meter_posts));
  const by_us = count(Number(facts.meter_counted));
  return facts.meter_period === "cycle" ? say.meter_of_cycle(month, by_x, by_us) : say.meter(month, by_x, by_us);
}

/** Why counting had to begin again; null where it simply began. @param {Snapshot} snapshot */
export const beganFact = ({ health: { epoch_reason } }) => (epoch_reason === "first start" ? null : epoch_reason);

/** @param {Snapshot} snapshot */
export const lagFact = ({ health: { lag_posts, lag_ms } }) =>
  lag_posts === 0 ? say.none : say.lag(posts(lag_posts), duration(lag_ms));

/** Tags that the totals forgot. @param {Snapshot} snapshot */
export const droppedFact = ({ total: { dropped_tags, dropped_posts } }) =>
  dropped_tags > 0 ? say.dropped(count(dropped_tags), posts(dropped_posts)) : null;

/** Posts that were not counted: thrown away before, or unreadable. @param {Snapshot} snapshot */
export const lostFact = ({ health: { lost, skipped } }) =>
  lost > 0 ? (skipped > 0 ? say.lost(count(lost), count(skipped)) : count(lost)) : null;

/** What was left out of the snapshot, so that it could be pushed. @param {Snapshot} snapshot */
export const cutFact = ({ health: { cut } }) => (cut > 0 ? say.cut(count(cut), cut) : null);

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
