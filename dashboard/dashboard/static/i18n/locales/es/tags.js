/** Textos en español: la búsqueda de un hashtag, sus publicaciones y los hashtags que las acompañan. */

import { plurals } from "../../plural.js";

const form = plurals("es");

/** "la 1:05", "las 13:05". @param {string} clock */
const hour = (clock) => `${/^0?1\b/.test(clock) ? "la" : "las"} ${clock}`;

/** @type {typeof import("../en/tags.js").words} */
export const words = {
  search: {
    shortcut: (label) => `${label} (/)`,
    in_window: (some_posts, rank) => `${some_posts} en la ventana, puesto ${rank}`,
    since_start: (some_posts) => `${some_posts} desde el inicio`,
    in_history: "en las últimas 24 horas",
    nothing: (text) => `No se ha encontrado ningún hashtag con «${text}».`,
    found: (shown, value) => form(value, { one: `${shown} hashtag encontrado.`, other: `${shown} hashtags encontrados.` }),
  },

  posts_of_tag: {
    none: {
      off: "Este panel no muestra publicaciones.",
      source: "Las publicaciones de esta fuente no se muestran.",
      "none yet": "Ahora no se puede mostrar ninguna publicación. Las de los hashtags más usados llegan en segundos, si se puede leer el registro.",
    },
  },

  often_with: {
    at: (clock) => `publicaciones en la ventana a ${hour(clock)}`,
    at_least: (clock) => `publicaciones en la ventana a ${hour(clock)}, sin las combinaciones menos frecuentes`,
  },

  archive: {
    none: "Ninguna hora del archivo tiene este hashtag.",
    in_hours: (some_posts, most, at) => `${some_posts} en el archivo. Máximo en una hora: ${most}, ${at}.`,
    in_days: (some_posts, most, at) => `${some_posts} en el archivo. Máximo en un día (UTC): ${most}, ${at}.`,
  },

  fold: {
    more: (shown, value, tag) =>
      form(value, { one: `${shown} hashtag más del tema ${tag}`, other: `${shown} hashtags más del tema ${tag}` }),
  },

  mute: {
    muted: (shown, value) => form(value, { one: `${shown} silenciado`, other: `${shown} silenciados` }),
    hidden: (shown, value) => form(value, { one: `${shown} oculto`, other: `${shown} ocultos` }),
    by_operator: (shown, value) =>
      form(value, {
        one: `El operador de esta página ha silenciado ${shown} hashtag de esta ventana. Se cuenta, pero no aparece.`,
        other: `El operador de esta página ha silenciado ${shown} hashtags de esta ventana. Se cuentan, pero no aparecen.`,
      }),
    hide: "Ocultar",
    show: "Mostrar",
    show_tag: (tag) => `Mostrar: ${tag}`,
    done: (tag) => `${tag} está oculto en este navegador.`,
    undone: (tag) => `${tag} se muestra de nuevo.`,
  },

  taken_back: {
    badge: (share) => `${share} retiradas`,
    short: (share) => `↩ ${share}`,
    sentence: (badge, deleted, some_posts) =>
      `${badge}: de ${some_posts} en la ventana, ${deleted} se han borrado.`,
  },
};
