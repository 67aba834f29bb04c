/** Textos en español: la clasificación, sus vistas, el panel lateral, la línea de tiempo, «Guardar» y los avisos. */

import { plurals } from "../../plural.js";

const form = plurals("es");

const waiting = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, {
    one: `${shown} actualización más reciente`,
    other: `${shown} actualizaciones más recientes`,
  });

/** "la 1:05", "las 13:05". @param {string} clock */
const hour = (clock) => `${/^0?1\b/.test(clock) ? "la" : "las"} ${clock}`;

/** @type {typeof import("../en/board.js").words} */
export const words = {
  board: {
    no_tags: "No hay hashtags en esta ventana.",
    no_match: "Ningún hashtag coincide con este filtro.",
    no_posts: "No ha llegado ninguna publicación en esta ventana.",
    none_in_batch: "No hay hashtags en el último lote.",
    none_at_time: "No había hashtags en ese momento.",
    none_tagged: (some_posts) => `Desde el inicio: ${some_posts}, ninguna con hashtag.`,
    counted: (some_posts) => `Desde el inicio: ${some_posts}.`,
    show_all: "Mostrar todas las publicaciones",
    show_window: "Mostrar los últimos minutos",
    new: "NUEVO",
    out: "FUERA",
    out_hint: "Ya no está entre los hashtags principales. Conserva su lugar mientras no cambia el orden.",
    up: (places) => `▲${places}`,
    down: (places) => `▼${places}`,
    pin: (tag) => `Fijar ${tag} para comparar`,
    pins_full: "Ya hay cinco hashtags fijados. Quite uno primero.",
    compared_with: {
      window: (duration) => `vs. ${duration} antes`,
      batch: "vs. lote previo",
      total: "vs. hace segundos",
    },
  },

  view: {
    batch: "Ahora mismo",
    rising_past: "En alza, en el pasado",
    by_authors: (title) => `${title}, un voto por persona`,
    total: "Desde el inicio",
    past: (duration) => `${duration} del pasado`,
    so_far: (part, whole) => `${part} por ahora (ventana: ${whole})`,
    first_seconds: "Primeros segundos",
    not_counted: (duration) => `${duration} sin contar`,
    archived: { hour: "Una hora del archivo", day: "Un día del archivo (UTC)" },
    not_archived: (duration) => `${duration} sin archivar`,
    all: "Todas",
    sources: "Fuente",
    langs: "Idioma",
    option: (name, shown) => `${name} (${shown})`,
  },

  startup: {
    steps: [
      "La página se conecta con el panel.",
      "Spark arranca. Tarda unos diez segundos.",
      "Llegan y se cuentan las primeras publicaciones.",
    ],
  },

  help: {
    step: (pane) =>
      `Las publicaciones se cuentan por tramos de ${pane}. Cada casilla es un tramo. Los programas lo llaman «pane».`,
    window: (window, pane) =>
      `Todas las publicaciones de los últimos ${window}. Cada ${pane} el tramo más antiguo sale y empieza otro.`,
  },

  sources: {
    demo: "Demostración · publicaciones inventadas",
    demo_among: "demo (publicaciones inventadas)",
    replay: "Grabación · publicaciones de un archivo",
    replay_of: (names) => `Grabación · publicaciones de un archivo: ${names}`,
    several: (names, count) => form(count, { one: `Fuente: ${names}`, other: `Fuentes: ${names}` }),
    unknown: "Fuente desconocida",
  },

  time: {
    paused: (shown, value) => `En pausa · ${waiting(shown, value)}`,
    past: (shown, value) => `En el pasado · ${waiting(shown, value)}`,
    no_history_yet: "El historial estará disponible cuando se hayan guardado los primeros diez segundos.",
    no_history: "No hay historial guardado de ese momento.",
    view_without_history: (view) =>
      `No se guarda historial de «${view}», así que la página muestra la ventana de todas las publicaciones.`,
    view_without_archive: (view) =>
      `El archivo no tiene «${view}», así que la página muestra los hashtags con más publicaciones.`,
  },

  save: {
    nothing: "Todavía no hay nada que guardar.",
    curves: (name) => `${name}: curvas`,
    saved: (file) => `Guardado como ${file}`,
    loading: "Cargando…",
    window_at: (clock) => `muestra la ventana de ${hour(clock)}`,
    only_window: "El historial solo se guarda para la ventana de todas las publicaciones y para «En alza».",
    copied: "Enlace copiado.",
    copy_by_hand: "Este navegador no permite que la página copie. Copie este enlace:",
  },

  panel: {
    not_leading: "fuera de los principales",
    as_of: (clock) => `a ${hour(clock)}`,
    unknown: "desconocido",
    link: (platform) => `Ver en ${platform}`,
    pin: "Fijar",
    unpin: "Quitar",
    loading: "Cargando…",
    never_led: (tag) => `${tag} no ha estado entre los hashtags principales en las últimas 24 horas.`,
    compare: (shown) => `Comparar (${shown})`,
    no_response: "El panel no responde.",
  },

  announcements: {
    leads: (tag, some_posts) => `${tag} va en cabeza con ${some_posts}.`,
    entered: (tags) => `Nuevos entre los hashtags principales: ${tags}.`,
    rises: (tag, reason) => `${tag} está en alza. ${reason}`,
    rise: (tags) => `Nuevos en alza: ${tags}.`,
    climbed: (tag, rank) => `${tag} ha subido al puesto ${rank}.`,
    modes: { live: "De nuevo en vivo.", paused: "En pausa.", past: "Se muestra el pasado." },
  },
};
