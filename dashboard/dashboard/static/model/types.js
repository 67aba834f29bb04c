/** What the dashboard sends and a page requests. `make schema` writes this file: do not edit it. */

/**
 * A rule of the file.
 * @typedef {object} AlertRule
 * @property {string} name The name of the rule. No two rules of a file have the same.
 * @property {"enters" | "leaves" | "multiplies" | "passes" | "rises" | "stream" | "taken_back"} when What the rule
 *   waits for.
 * @property {number} cooldown_seconds Seconds in which it does not fire again for a tag.
 * @property {string} sentence_en When it fires, as one sentence in English.
 * @property {string} sentence_es The same in Spanish.
 * @property {"counting stopped" | "daily limit" | "posts lost" | "source refused" | null} stream The condition on the
 *   stream that it names, or null.
 */

/**
 * An alert as one sentence.
 * @typedef {object} AlertText
 * @property {string} en In English.
 * @property {string} es In Spanish.
 */

/**
 * Stored alerts, and the rules that make them.
 * @typedef {object} AlertsAnswer
 * @property {ShownAlert[]} alerts The alerts, the one that was stored last first.
 * @property {AlertRule[]} rules The rules of the job.
 * @property {string | null} error Why the file of rules can't be used, as one sentence. The rules before it stay.
 */

/**
 * One tag of the archive over time.
 * @typedef {object} ArchivedCurve
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string | null} label Its newest spelling. Null if the archive has no hour with it.
 * @property {number} step_ms Length of a step in milliseconds.
 * @property {([number, number, number | null, number])[]} steps `[from_ms, posts, people, deleted posts]`, oldest
 *   first. A step is there if an hour of it is archived. An hour with fewer posts of the tag than ARCHIVE_MIN_POSTS
 *   counts as 0.
 */

/**
 * The hours of the archive.
 * @typedef {object} ArchivedHours
 * @property {[number, number][]} hours `[from_ms, posts]`, oldest first: the sum of the posts of all tags in the
 *   archive.
 */

/**
 * The leading tags of an hour or a day of the archive.
 * @typedef {object} ArchivedLeaders
 * @property {number} from_ms When the hour or the day begins, in UTC.
 * @property {number} to_ms When it ends.
 * @property {number} hours How many hours of it are archived.
 * @property {ArchivedTag[]} top The tags with the most posts, then by key.
 */

/**
 * A leading tag of an hour or a day.
 * @typedef {object} ArchivedTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} posts Posts with this tag.
 * @property {number | null} authors The different people of one hour. Null for several hours: they can't be added up.
 * @property {number} taken_back The posts among them that were deleted.
 */

/**
 * The possible values of `source` and `lang` in a view.
 * @typedef {object} Choices
 * @property {[string, number][]} source Each source with its posts in the window. Most posts first, then by name.
 * @property {[string, number][]} lang Each leading language with its posts in the window. Most posts first, then by
 *   code.
 */

/**
 * How many posts ingest dropped between the last post of the micro-batch before and the last one of this.
 * @typedef {object} DroppedCounts
 * @property {number} filtered Posts that the terms or languages don't want.
 * @property {number} duplicate Posts whose id the log has.
 * @property {number} malformed Inputs that are no posts.
 */

/**
 * A view at one moment: the Socket.IO event `snapshot`, or a window of the past.
 * @typedef {object} Event
 * @property {number} epoch Changes when counting had to start over, or when ingest's clock was set back. It always
 *   grows.
 * @property {number | null} seq Grows with each snapshot of an epoch. Null in the past.
 * @property {number} produced_at_ms When the job made the snapshot, by its clock. In the past, the end of the window.
 * @property {number | null} age_ms Milliseconds from the arrival of the snapshot to this event. Null in the past.
 * @property {number} top_n Bars on the page.
 * @property {number} pane_seconds Length of a pane. The window moves by one pane at a time.
 * @property {number} window_seconds Length of the sliding window.
 * @property {View} view The view that this event shows.
 * @property {number} from_ms When the window or the totals begin; the time of the micro-batch.
 * @property {number} to_ms Up to when posts are counted; the time of the micro-batch.
 * @property {number} posts All posts of the view, those without tags too.
 * @property {number | null} posts_before All posts of the view in the window before. Null if they were not counted
 *   completely.
 * @property {EventLeader[]} top The leading tags of the view, most posts first.
 * @property {EventCoverage} coverage How much of the window was counted.
 * @property {string[] | null} sources Sources of the posts, by name, with `replay` for a file. Null where they are not
 *   known.
 * @property {Choices} choices The possible values of `source` and `lang` in a view.
 * @property {EventTotal | null} total Everything since the epoch began. Null in the past.
 * @property {EventHealth | null} health How counting goes. Null in the past.
 * @property {number | null} authors Different accounts that wrote the posts of the view. Null in the totals and in a
 *   micro-batch, and where they are not known.
 * @property {Rising | null} rising The list of rising tags. Null in other views, before the first one, and if none is
 *   stored.
 * @property {number | null} rising_topics How many topics are on the list of rising tags. Null as long as too little is
 *   known of what is usual, and if the job sends no list.
 * @property {number | null} taken_back The posts of the view that are deleted now. They stay in `posts`. Null in the
 *   totals and in a micro-batch, and where that is not known.
 * @property {string[][] | null} topics Groups of tags of `top` that are one topic. Null in other views than the window
 *   of all posts, and where that is not known.
 * @property {Muted | null} muted How many tags the operator has muted. Null in the past, and if the job does not say
 *   it.
 * @property {EventAlerts | null} alerts The newest alert and the rules. Null in the past.
 */

/**
 * Whether there are alerts that a page does not know, and whether they are made.
 * @typedef {object} EventAlerts
 * @property {string | null} newest_id The id of the alert that was stored last. Null if there is none.
 * @property {number} rules The rules of the job.
 * @property {string | null} error Why the file of rules can't be used, as one sentence, or null.
 * @property {number} dropped Alerts that the job dropped because too many waited.
 */

/**
 * How much of the window was counted.
 * @typedef {object} EventCoverage
 * @property {number} from_ms Where counting begins in the window. It is the window's start if the window is whole.
 * @property {number} missing_ms Milliseconds after that which were not counted: ingest was down, or posts were lost.
 */

/**
 * How counting goes.
 * @typedef {object} EventHealth
 * @property {number} offset Posts of the log that are counted.
 * @property {number} lag_posts Posts that are accepted and not yet counted.
 * @property {number} lag_ms The age in milliseconds of the oldest uncounted post, at most.
 * @property {number} lost Posts of this epoch that were not counted: removed before, or not readable.
 * @property {number} skipped Those of the lost posts that could not be read.
 * @property {number} late Posts of this epoch that came after their pane had closed, and were counted in the open one.
 * @property {number | null} next_change The first entry of ingest's log of changes that is not counted. Null from an
 *   older job.
 * @property {number} cut Texts, tags and entries that were shortened or left out, because a snapshot has a limit.
 * @property {number | null} newest_at_ms When ingest accepted the newest counted post. Null before the first one.
 * @property {number | null} batch_ms How long the last micro-batch took, in milliseconds. Null before the first one.
 * @property {number} posts_per_second Posts per second over the last 30 s of the window, without the time not counted.
 * @property {string | null} query_error Why counting has stopped, as one sentence. Null while it continues.
 * @property {string} epoch_reason Why the epoch began, as one sentence.
 * @property {EventIngest} ingest How the job sees ingest.
 * @property {string | null} history What an operator must know about the stored panes, as one sentence, or null.
 * @property {string | null} relay Why the other dashboards can't be reached, as one sentence, or null.
 * @property {string | null} archive Why hours can't be archived, as one sentence. Null if all is well, or if there is
 *   no archive.
 * @property {number | null} archived_hours The hours that are archived. Null if there is no archive.
 */

/**
 * How the job sees ingest.
 * @typedef {object} EventIngest
 * @property {boolean} reachable Whether ingest answered the job's last request.
 * @property {number} since_ms Since when ingest is reachable or not reachable, by the job's clock.
 * @property {string | null} error Why ingest is not reachable, or what it refuses, as one sentence. Null if all is
 *   well.
 * @property {string | null} notice What an operator must know about the spool, as one sentence, or null.
 * @property {string | null} track_error Why the file of terms can't be used, as one sentence, or null.
 * @property {number | null} watermark_ms Ingest's clock at the job's last request. Null before the first one.
 * @property {Source[]} sources The sources that ingest reads.
 */

/**
 * One of the leading tags of a view.
 * @typedef {object} EventLeader
 * @property {number} rank The place in the list. 1 is the leader.
 * @property {number | null} previous_rank The rank before: in the window and the totals when the open pane began, in a
 *   micro-batch in the one before. Null for a tag that was not among the leading tags then, and where that is not
 *   known.
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} posts Posts with this tag.
 * @property {number | null} posts_before Posts with this tag before: in the equally long window before, in the totals
 *   when the open pane began, in the micro-batch before. Null if that was not counted completely.
 * @property {number | null} first_seen_ms When the tag was first counted in this epoch. Null in the past.
 * @property {number[] | null} panes Posts with this tag in each pane of the window, oldest first. The open pane is the
 *   last. Null for a tag that is not among the leading 50 of the window.
 * @property {number | null} authors Different accounts that wrote posts with this tag in the window of the view. Null
 *   in the totals and in a micro-batch, and where they are not known.
 * @property {number} [taken_back] The posts among these that are deleted now. They stay in `posts`. Missing if there
 *   are none, and where that is not known.
 */

/**
 * Everything since the epoch began.
 * @typedef {object} EventTotal
 * @property {number} since_ms When the epoch began.
 * @property {number} posts All posts since the epoch began, those without tags too.
 * @property {number} tags Distinct tags when the last pane closed.
 * @property {number} dropped_tags The rarest tags, removed because there were more than TOTAL_MAX_TAGS.
 * @property {number} dropped_posts Posts of the removed tags.
 */

/**
 * A number of the page, and how it was made.
 * @typedef {object} Explanation
 * @property {string} of The name of the number.
 * @property {number | number} value The number.
 * @property {"ms" | "part" | "people" | "pieces" | "posts" | "posts per second" | "rank" | "ranks" | "tags" | "texts" |
 *   "time" | "times" | "topics" | "voices"} unit What the number counts or measures.
 * @property {View} view The view of which it is a number.
 * @property {string | null} key The key of the tag of which it is a number. Null: of all posts.
 * @property {string | null} label The spelling of that tag, where it is known.
 * @property {number} from_ms From when on posts were counted for it.
 * @property {number} to_ms Up to when posts were counted for it.
 * @property {number} counted_from_ms Where counting begins in that time. It is `from_ms` if nothing is missing there.
 * @property {number} missing_ms Milliseconds after that which were not counted: ingest was down, or posts were lost.
 * @property {string | null} source Only posts of this source were counted. Null: of all sources.
 * @property {string | null} lang Only posts in this language were counted. Null: in all languages.
 * @property {string[] | null} sources Sources of the posts, by name, with `replay` for a file. Null where they are not
 *   known.
 * @property {string[]} terms The terms in force now. Empty: every post was accepted.
 * @property {string[]} languages The languages in force now. Empty: all.
 * @property {"authors" | "posts" | "score" | null} order By what tags are ordered: posts, then key; people, then posts,
 *   then key; or how surprising a rise is. Null for a number that needs no order.
 * @property {number | null} counted_until_offset Up to which offset of the log posts were counted. Null in the past.
 * @property {number | null} lag_posts Accepted posts that were not counted yet. Null in the past.
 * @property {number | null} lost Posts of the epoch that were not counted. Null in the past.
 * @property {number | null} skipped The lost posts that could not be read. Null in the past.
 * @property {number | null} dropped_tags Rare tags that the totals dropped. Null in the past.
 * @property {number | null} dropped_posts The posts of these tags. Null in the past.
 * @property {Muted | null} muted How many tags are muted. Null where that is not known.
 * @property {boolean} is_estimate Whether it is an estimate, from a sample of the people or from some of the pairs.
 * @property {number | null} pane_from_ms The start of the newest closed pane of this time, which can be recounted. Null
 *   without one.
 * @property {string} curl A command that prints exactly this number.
 */

/**
 * A fault, and its outcome.
 * @typedef {object} Fault
 * @property {number} number The number of the fault. It grows from fault to fault.
 * @property {"cut-socket" | "kill-python" | "same-post" | "stop-spark" | "wrong-clock"} fault `stop-spark`: Spark's
 *   Java stands still for 10 s. `kill-python`: a Python worker of Spark is killed. `cut-socket`: ingest closes the
 *   connections of all readers. `same-post`: the demo sends a post again. `wrong-clock`: the demo sends posts with a
 *   wrong time.
 * @property {number} began_ms When it began, by ingest's clock.
 * @property {number | null} ended_ms When the harm ended, by ingest's clock. Null while it lasts.
 * @property {"checking" | "failed" | "right" | "running" | "wrong"} state `running`: the harm lasts. `checking`: until
 *   all posts are counted and the panes are closed. `right`: all posts were counted once. `wrong`: they were not.
 *   `failed`: it could not be done or checked.
 * @property {number} accepted Posts that ingest has accepted since it began.
 * @property {number} counted Posts that the job has counted since it began.
 * @property {number} lost Posts that were lost since it began.
 * @property {number | null} pane_counted Posts of the panes of this time, as counted. Null until they are closed.
 * @property {number | null} pane_recounted The same posts, counted again from the log. Null until then.
 * @property {number | null} connections Connections that `cut-socket` has closed. Null for the others.
 * @property {number | null} duplicates Posts that ingest has dropped as duplicates since it began.
 * @property {FaultPost[]} sent The posts that the demo sent for it.
 * @property {string | null} error Why it failed, as one sentence. Null if it did not.
 */

/**
 * A post that the demo sent for a fault.
 * @typedef {object} FaultPost
 * @property {string} id The id of the post.
 * @property {string | null} created_at The time that the post gives.
 * @property {number | null} at_ms When ingest accepted it, by ingest's clock. Null until the fault is checked.
 */

/**
 * The faults of a lesson.
 * @typedef {object} Faults
 * @property {boolean} allowed Whether `LESSON_FAULTS` is 1 for all services, and the only source is the demo.
 * @property {Fault | null} latest The newest fault. Null before the first one.
 */

/**
 * A tag that was found.
 * @typedef {object} FoundTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} window_posts Posts with this tag in the window.
 * @property {number | null} window_rank The place of the tag in the window, among all tags. Null if it is not known.
 * @property {number | null} total_posts Posts with this tag since the epoch began. Null where that is not known.
 * @property {number | null} first_seen_ms When the tag was first counted in this epoch.
 * @property {boolean} in_history Whether it was among the leading tags of a stored pane.
 */

/**
 * A rise that is not on the list, and why. Its numbers are those of the window.
 * @typedef {object} HeldBack
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} posts Posts with this tag.
 * @property {number} authors Different accounts that wrote these posts.
 * @property {number} texts Different texts of these posts.
 * @property {"copies" | "few people"} why A few accounts wrote most of it, or many accounts wrote the same text.
 */

/**
 * The pane that left the window since the micro-batch before. Several panes are one here.
 * @typedef {object} LeftPane
 * @property {number} from_ms When it begins.
 * @property {number} to_ms When it ends.
 * @property {number} posts The posts that left, those of this micro-batch too that were older than the window when it
 *   was counted.
 */

/**
 * What the lesson view shows.
 * @typedef {object} Lesson
 * @property {Trace | null} trace The last micro-batch. Null until there is one since somebody has requested it.
 * @property {string | null} error What of it can't be shown, or why there is none, as one sentence, or null.
 * @property {Faults} faults What the buttons of the lesson view may do, and have done.
 */

/**
 * A tag's page on a platform.
 * @typedef {object} Link
 * @property {string} source The source that reads this platform, by name.
 * @property {string} url The address of the tag's page.
 */

/**
 * How many tags are muted. It names none of them.
 * @typedef {object} Muted
 * @property {number} tags Tags and patterns that the operator has muted.
 * @property {number} hidden Tags of the window that are not shown because they are muted.
 * @property {string | null} error Why the file of muted tags can't be used, as one sentence, or null.
 */

/**
 * Another tag of the posts with a tag.
 * @typedef {object} PairedTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} posts Posts with both tags.
 */

/**
 * A closed pane that was counted again.
 * @typedef {object} Recount
 * @property {number} from_ms When the pane begins.
 * @property {number} to_ms When the pane ends.
 * @property {TwoCounts} posts All posts of the pane, those without tags too.
 * @property {TwoCounts | null} tag The posts with the tag. Null if none was requested.
 * @property {number} read_posts How many posts of the log were read for it.
 */

/**
 * A push that the dashboard refused.
 * @typedef {object} Refusal
 * @property {"relay" | "shape" | "size" | "token"} reason Why it was refused, as one word.
 * @property {string} error Why it was refused, as one sentence.
 * @property {number} age_ms Milliseconds since it was refused.
 */

/**
 * What rises at the end of a pane: more than usual, written by many different people.
 * @typedef {object} Rising
 * @property {number} at_ms The end of the pane.
 * @property {number} missing_ms How long it takes until enough is known of what is usual. 0: the list has begun.
 * @property {Topic[]} topics The list, the most surprising topic first.
 * @property {HeldBack[]} held_back Rises that are not on the list, the one with most posts first.
 */

/**
 * A tag that rises, and why. Its numbers are those of the window that ended with the pane of the list.
 * @typedef {object} RisingTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} posts Posts with this tag.
 * @property {number} authors Different accounts that wrote these posts.
 * @property {number} voices Different accounts, or different texts if those are fewer.
 * @property {number} expected The voices that are usual for this tag in a window at this time.
 * @property {number} spread How much the voices of this tag usually vary, as a part of the expected ones. Their
 *   variance is `expected` + (`spread` × `expected`)².
 * @property {number} times How many times the expected voices it has.
 * @property {number} score How surprising that is: -log10 of its probability, if nothing unusual happens.
 * @property {number} since_ms When the rise began.
 * @property {number} copies The part of its accounts whose text another account wrote too, from 0 to 1.
 * @property {string} source The source with most of its posts.
 * @property {number} source_part The part of its posts that is from this source, from 0 to 1.
 * @property {string} lang The language of most of its posts.
 * @property {number} lang_part The part of its posts that is in this language, from 0 to 1.
 * @property {boolean} new Whether nothing is known of its past.
 * @property {number} peak_voices The most voices that it had in an earlier window. 0 if it is new.
 * @property {number | null} peak_ms When it had them. Null if it is new.
 * @property {number[]} panes Different accounts in each pane of the window, oldest first. The last pane is the one with
 *   which the window ended.
 * @property {number} [taken_back] The posts with this tag in the window of now that are deleted. Missing where that is
 *   not known.
 */

/**
 * A post, without its author.
 * @typedef {object} SamplePost
 * @property {number} offset The position of the post in the log.
 * @property {string} id The source, a colon, and the source's own id of the post.
 * @property {number} at_ms When ingest accepted the post, by ingest's clock.
 * @property {string | null} created_at When it was written, as the source says. Null if it says nothing.
 * @property {string} text The text of the post, or its beginning.
 * @property {string} source Where the post is from, by name.
 * @property {string} lang The language of the post, as a code; `und` if it is not known.
 * @property {string | null} url The address of the post. Null if the source gives none.
 * @property {SampleTag[]} tags The tags of the post, in order of appearance.
 */

/**
 * A tag of a post.
 * @typedef {object} SampleTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The tag as it is written in the post, without the #.
 */

/**
 * The tags with a text in their key.
 * @typedef {object} SearchAnswer
 * @property {string} q The text, as it was compared.
 * @property {FoundTag[]} tags Tags whose key begins with the text, then those that have it inside. Of each kind, those
 *   with most posts in the window come first, then those with most posts since the epoch began.
 * @property {string | null} partial Why tags may be missing that never led, as one sentence. Null if none is missing.
 */

/**
 * An alert as browsers get it: with its sentence. Fields that are not known are null.
 * @typedef {object} ShownAlert
 * @property {string} id Each alert has its own, for ever.
 * @property {string} rule The name of the rule. No two rules of a file have the same.
 * @property {"enters" | "leaves" | "multiplies" | "passes" | "rises" | "stream" | "taken_back"} when What the rule
 *   waits for.
 * @property {number} at_ms The end of the pane in which it fired.
 * @property {string | null} key The tag. Missing if the alert is about the stream.
 * @property {string | null} label The most frequent spelling of the tag, without the #.
 * @property {number | null} rank The place of the tag in the window, by posts.
 * @property {number | null} posts Posts with the tag in the window.
 * @property {number | null} posts_before Posts with the tag in the equally long window before.
 * @property {number | null} expected The voices that the list of rising tags expected of the tag.
 * @property {number | null} times How many times as much as usual (`rises`), or as in the window before (`multiplies`).
 * @property {number | null} score How surprising the rise is, as on the list of rising tags.
 * @property {number | null} authors Different accounts that used the tag in the window.
 * @property {number | null} since_ms Since when the tag rises.
 * @property {string | null} lang The language that the rule names. Then all numbers are of it, but those of `rises`.
 * @property {string | null} source The source that the rule names. Then all numbers are of it, but those of `rises`.
 * @property {number | null} taken_back The posts among `posts` that were deleted when the alert fired.
 * @property {number | null} window_seconds Length of the window when the alert fired.
 * @property {"counting stopped" | "daily limit" | "posts lost" | "source refused" | null} stream What happened to the
 *   stream.
 * @property {string | null} detail One sentence about the stream: which source, how many posts.
 * @property {number | null} top The places that the rule names: the tag entered or left the leading `top`.
 * @property {number | null} least_posts The posts that the rule names, which the tag passed.
 * @property {number | null} least_per_second The posts per second that the rule names, which the tag passed.
 * @property {number | null} least_times How many times the posts of the window before the rule names.
 * @property {number | null} least_share The part of the posts that the rule names, from 0 to 1: more are deleted.
 * @property {AlertText} text What happened, as one sentence. Its times are in UTC.
 * @property {string} link The page at that moment: an address if `PUBLIC_URL` is set, otherwise a path with its query.
 */

/**
 * One source of ingest, as ingest reports it in `STATUS`.
 * @typedef {object} Source
 * @property {string} name demo, replay, x, bluesky, mastodon, …
 * @property {string[]} terms The terms in force. An empty list: every post is accepted.
 * @property {string[]} languages The languages in force. An empty list: all.
 * @property {string} state starting, waiting, live, retrying, paused, refused or finished. Treat an unknown state as
 *   one that is not live.
 * @property {number} since_ms Since when the source is in that state, by ingest's clock.
 * @property {string | null} error The last error, or the reason of a pause, as one sentence. Null without one.
 * @property {number} accepted Posts accepted since the source's session began.
 * @property {number} duplicate Posts of the session that the source sent twice.
 * @property {number} filtered Posts of the session that the terms or languages excluded.
 * @property {Record<string, number>} malformed Inputs of the session that were dropped, by reason.
 * @property {number | null} until_ms When the source continues, if it is paused or retrying. Otherwise null.
 * @property {Record<string, unknown>} facts What the source reports about itself: texts and numbers, by name.
 * @property {number} [deleted] Stored posts that their authors deleted, in the session.
 * @property {number} [edited] Stored posts whose text their authors changed, in the session.
 * @property {number} [not_stored] Deletions and changes of the session of posts that are not stored.
 */

/**
 * Details of one tag.
 * @typedef {object} Tag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number | null} epoch The epoch of the snapshot that was read. Null before the first.
 * @property {number | null} seq The `seq` of the snapshot that was read. Null before the first.
 * @property {TagWindow | null} window The tag in the window. Null if it has no posts there, and for a tag that is not
 *   among the leading 50 there while the job can't be reached.
 * @property {TagTotal | null} total The tag in the totals. Null for a tag that is not among the leading 50 there,
 *   unless the job was requested for it.
 * @property {number | null} first_seen_ms When the tag was first counted in this epoch. Null where that is not known.
 * @property {TagPairs | null} pairs The other tags of its posts in the window. Null where they are not known.
 * @property {RisingTag | null} rising The tag on the list of rising tags. Null if it is not on the list.
 * @property {HeldBack | null} held_back The tag among the rises that are held back. Null if it is not held back.
 * @property {[number, number][]} history Start and posts of each stored pane in which the tag was among the leading 50,
 *   oldest first. If there are too many, neighbouring panes are added up.
 * @property {number} history_step_ms Length of each point of `history` in milliseconds. 0 if there is no point.
 * @property {string[]} sources The sources in whose window the tag is among the leading tags, by name.
 * @property {Link[]} links The tag's pages on the platforms of these sources, where there are such pages.
 */

/**
 * The other tags of the posts with a tag.
 * @typedef {object} TagPairs
 * @property {number} at_ms The end of the last closed pane. All counts are of the window that ended then.
 * @property {boolean} is_exact Whether all pairs were counted. If not, a pane had too many, and the rarest are missing.
 * @property {PairedTag[]} tags The other tags, most posts with both first.
 */

/**
 * The newest posts of a tag, at most one of an author.
 * @typedef {object} TagPosts
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {SamplePost[]} posts The posts, newest first.
 * @property {"none yet" | "off" | "source" | null} why_none Why there is no post: the job takes none, none of the
 *   sources of this tag, or has none now. Null if there is one.
 */

/**
 * A tag in the totals.
 * @typedef {object} TagTotal
 * @property {number | null} rank The place in the totals. Null for a tag that is not among the leading 50.
 * @property {number} posts Posts with this tag since the epoch began.
 */

/**
 * A tag in the window of the newest snapshot.
 * @typedef {object} TagWindow
 * @property {number} rank The place in the list. 1 is the leader.
 * @property {number} posts Posts with this tag.
 * @property {number} share Its posts divided by all posts of the window, from 0 to 1.
 * @property {number} from_ms When the window begins.
 * @property {number} to_ms Up to when posts are counted, by ingest's clock.
 * @property {number} counted_from_ms Where counting begins in the window. It is the window's start if the window is
 *   whole.
 * @property {number[] | null} panes Posts with this tag in each pane of the window, oldest first. The open pane is the
 *   last. Null for a tag that is not among the leading 50.
 * @property {number | null} authors Different accounts that wrote posts with this tag. Null where they are not known.
 * @property {number | null} taken_back The posts among these that were counted and are deleted now. They stay in
 *   `posts`. Null where that is not known.
 */

/**
 * Posts of all stored panes over time, in steps of equal length.
 * @typedef {object} Timeline
 * @property {number | null} from_ms When the first step begins. Null if no pane is stored.
 * @property {number | null} to_ms When the newest pane ends. Null if no pane is stored.
 * @property {number} step_ms Length of a step in milliseconds. 0 if no pane is stored.
 * @property {number[]} posts All posts of each step, oldest first. 0 for a step without stored panes.
 */

/**
 * One place on the list: tags that the same people use together.
 * @typedef {object} Topic
 * @property {RisingTag[]} tags Its tags, the most surprising first.
 */

/**
 * A micro-batch as it went through the stages.
 * @typedef {object} Trace
 * @property {number} epoch Changes when counting had to start over, or when ingest's clock was set back. It always
 *   grows.
 * @property {number} seq The number of the snapshot that was made of it.
 * @property {number} batch_id Spark's number of the micro-batch, which begins at 0 with each query.
 * @property {number} first_offset The offset of its first post.
 * @property {number} end_offset The offset behind its last post.
 * @property {number} posts All its posts.
 * @property {TracePost[]} posts_shown Its first posts, as in the log, without those that have a muted tag.
 * @property {TraceDropped[]} dropped The newest of the dropped posts, as far as ingest has noted them.
 * @property {DroppedCounts} dropped_counts How many posts were dropped.
 * @property {TraceTask[]} tasks The tasks, by their posts. Empty where they say nothing about themselves.
 * @property {TraceStage[]} stages The stages in their order, those that are known.
 * @property {TracePane} pane The open pane.
 * @property {number} closed_panes The closed panes of the window.
 * @property {LeftPane | null} left_pane What left the window. Null if nothing did.
 * @property {TraceWindow} window The window.
 * @property {TraceTag[]} tags The leading 10 of the window by rank, then the others of the leading 10 of the micro-
 *   batch.
 */

/**
 * A post that ingest did not take into the log.
 * @typedef {object} TraceDropped
 * @property {number} at_ms When ingest accepted the post or dropped it, by ingest's clock.
 * @property {string} source Where the post is from, by name.
 * @property {string | null} text The text, or its beginning. Null where it must not be shown (`SAMPLE_SOURCES`,
 *   `SAMPLE_POSTS`), where the post is deleted, and where there is none.
 * @property {"duplicate" | "filtered" | "malformed"} why `filtered`: the terms or languages don't want it; `duplicate`:
 *   the log has a post with its id; `malformed`: it is no post, or too long.
 * @property {string | null} detail What is malformed, in a few words. Null if it is not malformed.
 */

/**
 * The open pane.
 * @typedef {object} TracePane
 * @property {number} from_ms When it begins.
 * @property {number} to_ms When it ends.
 */

/**
 * A post of the micro-batch.
 * @typedef {object} TracePost
 * @property {number} offset The position of the post in the log, or in its partition.
 * @property {number | null} partition The partition of the post, if the log is on Kafka. Otherwise null.
 * @property {number} at_ms When ingest accepted the post or dropped it, by ingest's clock.
 * @property {string} source Where the post is from, by name.
 * @property {string} lang The language of the post, as a code; `und` if it is not known.
 * @property {string | null} text The text, or its beginning. Null where it must not be shown (`SAMPLE_SOURCES`,
 *   `SAMPLE_POSTS`), where the post is deleted, and where there is none.
 * @property {SampleTag[]} tags The tags of the post, in order of appearance.
 */

/**
 * When a stage ran. The clock is the job's; of `accept` it is ingest's, and of `show` the dashboard's.
 * @typedef {object} TraceStage
 * @property {"accept" | "count" | "plan" | "push" | "rank" | "show" | "store"} stage `accept`: ingest accepted the
 *   first and the last post; `plan`: the driver requested the end of the log and cut the micro-batch; `count`: the
 *   tasks ran; `store`: the transaction; `rank`: a snapshot was made; `push`: it was sent; `show`: the dashboard stored
 *   it and sent it to the pages.
 * @property {"dashboard" | "driver" | "executors" | "ingest"} place Where it ran.
 * @property {number} began_ms When it began.
 * @property {number} ended_ms When it ended.
 */

/**
 * A tag, before and after the micro-batch.
 * @typedef {object} TraceTag
 * @property {string} key The tag after NFKC and case folding. Tags with the same key are one tag.
 * @property {string} label The most frequent spelling, without the #.
 * @property {number} batch_posts Posts of the micro-batch with this tag, in the open pane.
 * @property {number} batch_posts_closed Posts of the micro-batch with this tag in other panes, which are closed now.
 * @property {number} pane_before Posts in the open pane before the micro-batch.
 * @property {number} pane_after Posts in the open pane: `pane_before` and `batch_posts`.
 * @property {number[]} panes Posts in each pane of the window, oldest first. The open pane is the last.
 * @property {number} left Posts that left the window since the micro-batch before.
 * @property {number} window_before Posts in the window after the micro-batch before.
 * @property {number} window_after Posts in the window: the sum of `panes`, and `window_before` with `batch_posts` and
 *   `batch_posts_closed`, without `left`.
 * @property {number | null} rank_before The rank before the micro-batch. Null if it was not among the leading tags.
 * @property {number | null} rank_after The rank now. Null if it is not among the leading tags.
 */

/**
 * A Spark task, which counted a part of the posts. Its times are of the clock of its machine.
 * @typedef {object} TraceTask
 * @property {number} executor The number of the executor, in order of host and process.
 * @property {string} host The machine of the executor, by name.
 * @property {number} process The Python process that counted, by its number on that machine.
 * @property {number} first_offset The offset of its first post.
 * @property {number} end_offset The offset behind its last post.
 * @property {number} began_ms When it began.
 * @property {number} ended_ms When it ended.
 * @property {number} posts The posts that it counted.
 */

/**
 * The window after the micro-batch, with all posts, those without tags too.
 * @typedef {object} TraceWindow
 * @property {number} from_ms When it begins.
 * @property {number} to_ms When it ends.
 * @property {number} posts_before Posts of the window after the micro-batch before.
 * @property {number} posts Posts of the window: `posts_before`, and those of the micro-batch, without those that left.
 */

/**
 * A number as it was counted, and as it is counted now.
 * @typedef {object} TwoCounts
 * @property {number | null} counted As it was counted when the posts arrived. Null if neither the job nor the stored
 *   panes have it: a pane is stored with its leading 50 tags.
 * @property {number} recounted As it is counted now, from the posts of the log.
 */

/**
 * What a client sees: a ranking, or the window of one source or one language, by posts or by people.
 * @typedef {object} View
 * @property {"batch" | "rising" | "total" | "window"} ranking The sliding window, the last micro-batch, the totals
 *   since the epoch began, or the list of rising tags.
 * @property {string | null} source Only posts of this source. Only with the ranking `window`.
 * @property {string | null} lang Only posts in this language. Only with the ranking `window`.
 * @property {"authors" | "posts"} by Whether the tags are ranked by their posts or by their different accounts. By
 *   accounts only with the ranking `window`.
 * @property {boolean} [reserve] Whether `top` has up to 40 tags and not 20, as far as they are known: for a page whose
 *   viewer hides some of them.
 */

export {};
