/** Alarms: what is wrong with the pipeline, the worst first. Pure. */

import { sourceTrouble, withFullStop } from "../model/server_texts.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("../model/page_types.js").Snapshot} Snapshot */
/** @typedef {import("../model/pipeline_state.js").State} State */
/** @typedef {{key: string, title: string, sentence: string}} Alarm */

/** The states that are alarms, the worst first. */
const WORST_FIRST = ["disconnected", "stopped", "ingest-away", "refused", "retrying", "behind"];

/** Is this state an alarm? @param {string} name */
export const isAlarm = (name) => WORST_FIRST.includes(name);

/**
 * All alarms, the worst first. Without new snapshots, or without ingest, nothing is known about the sources.
 *
 * @param {State} state @param {Snapshot | null} snapshot @returns {Alarm[]}
 */
export function alarmsOf(state, snapshot) {
  const alarms = isAlarm(state.name) ? [{ key: state.name, title: state.title, sentence: state.sentence }] : [];
  if (snapshot === null || state.stale || state.name === "ingest-away") return alarms;
  const { ingest, relay, archive } = snapshot.health;
  alarms.push(...alarmsOfSources(ingest.sources).filter((alarm) => alarm.sentence !== state.sentence));
  alarms.push(...alarmsOfFiles(snapshot));
  if (relay) alarms.push({ key: "relay", title: words.page.relay, sentence: withFullStop(relay) });
  if (archive) alarms.push({ key: "archive", title: words.page.archive, sentence: withFullStop(archive) });
  const severity = ({ key = "" }) => (WORST_FIRST.indexOf(key.split(" ")[0]) + 1 || WORST_FIRST.length + 1);
  return alarms.sort((one, other) => severity(one) - severity(other));
}

/** The files of the operator that can't be used. @param {Snapshot} snapshot @returns {Alarm[]} */
function alarmsOfFiles({ health, muted, alerts }) {
  /** @type {[string, string, string | null | undefined][]} */
  const files = [
    ["track", words.page.track, health.ingest.track_error],
    ["mute", words.page.mute_file, muted?.error],
    ["alerts", words.page.alerts_file, alerts?.error],
  ];
  return files.flatMap(([key, title, error]) => (error ? [{ key, title, sentence: withFullStop(error) }] : []));
}

/** @param {import("../model/types.js").Source[]} sources @returns {Alarm[]} */
function alarmsOfSources(sources) {
  return sources.flatMap((source) => {
    const { name, state, facts } = source;
    const alarms = [];
    if (state === "refused" || state === "retrying") {
      alarms.push({ key: `${state} ${name}`, title: words.state.titles[state], sentence: sourceTrouble(source) });
    }
    if (facts.rules_error) {
      const text = words.strip.named(name, withFullStop(String(facts.rules_error)));
      alarms.push({ key: `rules ${name}`, title: words.page.problem, sentence: text });
    }
    return alarms;
  });
}
