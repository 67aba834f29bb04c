/** Texts in English: "What if?" of the lesson, the buttons that disturb the running services. */

export const words = {
  what_if: {
    open: "What if?",
    about:
      "Each button does harm to the running services for real. Afterwards the job counts the posts of this time again " +
      "from the log, and shows whether they are the same.",
    begins: (/** @type {string} */ name) => `${name}: it begins.`,
    running: (/** @type {string} */ name, /** @type {string} */ now) => `${name}: ${now}`,
    checking: (/** @type {string} */ name) =>
      `${name}: it is over. The job waits until all posts are counted and the pane is closed.`,
    numbers: (/** @type {string} */ accepted, /** @type {string} */ counted) =>
      `${accepted} accepted since it began, ${counted} counted.`,
    right: (/** @type {string} */ accepted, /** @type {string} */ counted, /** @type {string} */ recounted) =>
      `${accepted} accepted, ${counted} counted, none lost; ` +
      `the panes of this time, counted again from the log, have the same ${recounted}.`,
    wrong: (/** @type {string} */ accepted, /** @type {string} */ counted, /** @type {string} */ lost) =>
      `The counts are wrong: ${accepted} accepted, ${counted} counted, ${lost} lost.`,
    panes: (/** @type {string} */ counted, /** @type {string} */ recounted) =>
      `The panes of this time have ${counted}; counted again from the log, they have ${recounted}.`,
    failed: (/** @type {string} */ name, /** @type {string} */ why) => `${name}: it has no outcome: ${why}`,
    gone: "It has no outcome: the job has started again meanwhile.",
    /** Of each: its button, what it does, what happens now, and why all is well afterwards. */
    faults: {
      "stop-spark": {
        name: "Stop Spark for 10 seconds",
        sentence: "Spark's Java stands still, and ingest goes on writing posts into its log.",
        running: "Spark stands still, so nothing is counted and the log grows.",
        right: () => "Spark went on where it had stopped, and all posts were in the log.",
      },
      "kill-python": {
        name: "Kill a Python process",
        sentence: "One of the Python processes in which the executors count is killed.",
        running: "The job looks for a Python process of Spark and kills it.",
        right: () => "Spark started another process, which read the same offsets of the log.",
      },
      "cut-socket": {
        name: "Cut the connections",
        sentence: "Ingest closes the connections of all its readers, in the middle of what it sends.",
        running: "Ingest closes all connections.",
        right: (/** @type {string} */ connections) =>
          `Connections that were closed: ${connections}. Spark connected again and read on from its offset.`,
      },
      "same-post": {
        name: "Send a post twice",
        sentence: "The demo sends a post again that it has sent before.",
        running: "The demo sends it.",
        right: (/** @type {string} */ time) =>
          `Ingest knows the id of the post, which came first at ${time}, and dropped the second one as a duplicate.`,
      },
      "wrong-clock": {
        name: "Send a wrong time",
        sentence: "The demo sends two posts which say that they are from the years 1970 and 2038.",
        running: "The demo sends them.",
        right: (/** @type {string} */ time) =>
          `A pane goes by the clock of ingest, which received them at ${time}, so no other pane has changed.`,
      },
    },
  },
};
