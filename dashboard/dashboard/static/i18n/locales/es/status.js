/** Textos en español: la barra de estado, las alarmas y el estado del sistema. */

import { plurals } from "../../plural.js";

const form = plurals("es");

/** "la 1:05", "las 13:05". @param {string} clock */
const hour = (clock) => `${/^0?1\b/.test(clock) ? "la" : "las"} ${clock}`;

/** @type {typeof import("../en/status.js").words} */
export const words = {
  strip: {
    cut: (/** @type {string} */ shown, /** @type {number} */ value) =>
      form(value, {
        one: `${shown} nombre largo o dato poco frecuente, para que las actualizaciones sean pequeñas`,
        other: `${shown} nombres largos y datos poco frecuentes, para que las actualizaciones sean pequeñas`,
      }),
    none: "ninguno",
    none_yet: "aún nada",
    all_posts: "todas las publicaciones",
    named: (name, terms) => `${name}: ${terms}`,
    named_in_languages: (name, terms, langs) => `${name}: ${terms} (${langs})`,
    in_state: (fact, state) => `${fact} – ${state}`,
    until: (clock) => ` hasta ${hour(clock)}`,
    rejected: (name, why) => `${name} rechazó la conexión: ${why}`,
    no_reason: "No dio ningún motivo.",
    unreachable: (name, why) => `No se puede conectar con ${name}; reintentando.${why && ` ${why}`}`,
    feeds: { local: "locales", remote: "remotas" },
    without_feed: (fact, feed) => `${fact} (su servidor no ofrece publicaciones ${feed} en vivo)`,
    with_past: (fact, moment) => `${fact} (las anteriores a ${hour(moment)} se inventaron al empezar)`,
    bill: (some_posts, price) => `${some_posts}, ${price}`,
    bill_of_month: (today, some, limit, price) => `${today}; este mes ${some} de ${limit}, ${price}`,
    meter: (bill, by_x, by_us) => `${bill}; X contó ${by_x} este mes, ingest contó ${by_us}`,
    meter_of_cycle: (bill, by_x, by_us) =>
      `${bill}; X contó ${by_x} en su ciclo de facturación, ingest contó ${by_us} este mes`,
    lag: (some_posts, duration) => `${some_posts}, ${duration}`,
    dropped: (tags, some_posts) => `${tags} con ${some_posts}`,
    lost: (lost, unreadable) => `${lost} (ilegibles: ${unreadable})`,
    late: (lost, late) => `${lost}. Contadas con retraso: ${late}`,
    connection: { connecting: "conectando", connected: "conectado", lost: "desconectado", offline: "sin red" },
    by_polling: "conectado (sondeo)",
    source_states: {
      starting: "iniciando",
      waiting: "en espera",
      retrying: "reintentando",
      paused: "en pausa",
      refused: "rechazada",
      finished: "terminada",
    },
  },

  inputs: {
    accepted: (some) => `${some} aceptadas`,
    filtered: (some) => `${some} filtradas`,
    duplicate: (some) => `${some} repetidas`,
    malformed: (some) => `${some} mal formadas`,
    terms: (terms) => `términos: ${terms}`,
    languages: (langs) => `idiomas: ${langs}`,
    filtered_by: (some, filter) => `${some} filtradas${filter && ` (${filter})`}`,
    all_filtered: (some_posts, filter) =>
      `Llegaron ${some_posts}, pero ninguna pasó el filtro${filter && ` (${filter})`}.`,
    all_duplicate: (some_posts) => `Llegaron ${some_posts}, pero ninguna era nueva.`,
    all_malformed: (some_posts, reasons) => `Llegaron ${some_posts}, pero ninguna estaba bien formada: ${reasons}.`,
    none_of: (some_posts, parts) => `Llegaron ${some_posts}, pero no se contó ninguna: ${parts}.`,
  },

  alarm: {
    more: (shown, value) => form(value, { one: `+${shown} alarma más`, other: `+${shown} alarmas más` }),
    refused_view: "El panel rechazó esta vista.",
  },

  state: {
    titles: {
      starting: "Iniciando",
      live: "En vivo",
      quiet: "En calma",
      behind: "Con retraso",
      finished: "Terminado",
      retrying: "Fuente inaccesible",
      refused: "Rechazado por la fuente",
      paused: "Fuente en pausa",
      "ingest-away": "Ingest inaccesible",
      stopped: "Recuento detenido",
      disconnected: "Desconectado",
    },
    connecting: "Conectando con el panel.",
    first_batch: "A la espera del primer lote. Spark tarda unos diez segundos en arrancar.",
    disconnected: (clock) => `La conexión con el panel se perdió a ${hour(clock)}. Reconectando.`,
    offline: (clock) => `Este navegador está sin red desde ${hour(clock)}.`,
    unreachable: "Este navegador no puede conectar con el panel. Reconectando.",
    nothing_received: (clock) => `Este navegador no recibe nada del panel desde ${hour(clock)}.`,
    no_first_update: (clock) =>
      `El panel no ha recibido ninguna actualización desde ${hour(clock)}. Revise el trabajo de Spark.`,
    updates_rejected: (why) => `El panel rechaza las actualizaciones del trabajo de Spark: ${why}`,
    updates_rejected_since: (clock, why) =>
      `Sin actualizaciones desde ${hour(clock)}. El panel rechaza las del trabajo de Spark: ${why}`,
    no_update: (clock) => `Sin actualizaciones desde ${hour(clock)}. Revise el trabajo de Spark.`,
    counting_failed: (why) => `El recuento falló y se está reiniciando: ${why}`,
    ingest_unreachable: (clock, why) => `El trabajo de Spark no puede conectar con ingest desde ${hour(clock)}. ${why}`,
    ingest_running: "¿Está ingest en marcha?",
    paused: (name, resumption, why) => `${name} está en pausa${resumption}${why ? `: ${why}` : "."}`,
    not_started: (name) => `A la espera de que ${name} empiece.`,
    finished: (some_posts) => `La fuente ha terminado. Contadas: ${some_posts}.`,
    behind: (duration, some_posts) => `El recuento lleva ${duration} de retraso. Sin contar: ${some_posts}.`,
    first_posts: "El recuento está en marcha. A la espera de las primeras publicaciones.",
    none_accepted: (why) => `El recuento está en marcha. ${why}`,
    finished_with_none: (why) => `La fuente ha terminado. ${why}`,
    not_counted_yet: "El recuento está en marcha. Aún no se ha contado ninguna publicación.",
    none_counted: (clock) => `El recuento está en marcha. No se cuenta ninguna publicación desde ${hour(clock)}.`,
    quiet_because: (clock, why) =>
      `El recuento está en marcha. No se cuenta ninguna publicación desde ${hour(clock)}. ${why}`,
    no_post: "El recuento está en marcha. Aún no ha llegado ninguna publicación.",
    quiet: (clock) => `El recuento está en marcha. No llega ninguna publicación desde ${hour(clock)}.`,
    live: "Las publicaciones se cuentan según llegan.",
  },
};
