/** Textos en español: la vista «En alza». */

import { plurals } from "../../plural.js";

const form = plurals("es");

/** "la 1:05", "las 13:05". @param {string} clock */
const hour = (clock) => `${/^0?1\b/.test(clock) ? "la" : "las"} ${clock}`;

/** "desde las 14:02", "desde las 23:58 del 28 nov". @param {string} clock @param {string} day empty for today */
const since = (clock, day) => `desde ${hour(clock)}${day && ` del ${day}`}`;

/** @type {typeof import("../en/rising.js").words} */
export const words = {
  rising: {
    known: (times, usual_people, window, people, most, clock, day) =>
      `${times} veces su nivel habitual de ${usual_people} en ${window}:`
      + ` ${people}${most && `, ${most}`}, ${since(clock, day)}.`,
    rare: (window, people, most, clock, day) =>
      `Habitualmente menos de una persona en ${window}, ahora ${people}${most && `, ${most}`}, ${since(clock, day)}.`,
    new_tag: (people, window, most, clock, day) =>
      `No visto antes: ${people} en ${window}${most && `, ${most}`}, ${since(clock, day)}.`,
    most_in: (language) => `la mayoría en ${language}`,
    times: (times) => `${times}×`,
    new: "Nuevo",
    known_tag: "Conocido",
    peak: (people, when) => `Máximo anterior: ${people}, ${when}`,
    part: (share, name) => `${share} ${name}`,
    copies: (share) => `${share} con textos copiados`,
    nothing: "Ahora no hay nada en alza: cada hashtag se usa más o menos como de costumbre.",
    nothing_then: "En ese momento no había nada en alza.",
    not_yet: (pane) => `La primera lista llega cuando se hayan contado los primeros ${pane}.`,
    not_stored: "No hay ninguna lista guardada de ese momento.",
    missing: (duration) =>
      `Para saber qué es lo habitual hay que contar publicaciones durante ${duration} más. Entonces empieza esta lista.`,
    missing_then: "En ese momento aún no se sabía lo suficiente sobre lo que es habitual.",
    legend_line: (pane) => `personas cada ${pane}`,
    curve: (pane) => `Últimos minutos: personas cada ${pane}. En gris: lo habitual.`,
    more: (shown, value) => form(value, { one: `${shown} tema más`, other: `${shown} temas más` }),
    held_back: (shown) => `Retenidos (${shown})`,
    few_people: (some_posts, people) => `${some_posts}, pero solo de ${people}.`,
    copied: (people, texts) => `${people}, pero solo ${texts}.`,
    not_listed: (reason) => `Esta alza está retenida: ${reason}`,
    texts: (shown, value) => form(value, { one: `${shown} texto distinto`, other: `${shown} textos distintos` }),
    button: (shown) => `En alza (${shown})`,
  },
};
