/** Textos en español: los avisos, su lista y las reglas propias. */

import { plurals } from "../../plural.js";

const form = plurals("es");

/** @type {typeof import("../en/alerts.js").words} */
export const words = {
  alerts: {
    bell: (shown, value) => form(value, { one: `Avisos: ${shown} nuevo`, other: `Avisos: ${shown} nuevos` }),
    several: (shown, value) => form(value, { one: `${shown} aviso nuevo.`, other: `${shown} avisos nuevos.` }),
    more_than: (shown) => `${shown}+`,
    is_new: "Nuevo",
    dropped: (shown, value) =>
      form(value, {
        one: `Se descartó ${shown} aviso: esperaban demasiados mientras el panel no respondía.`,
        other: `Se descartaron ${shown} avisos: esperaban demasiados mientras el panel no respondía.`,
      }),
    show_moment: (clock) => `Mostrar ${clock}`,

    places: { 1: "el primer puesto", 3: "el top 3", 10: "el top 10" },
    tell_me_when: (tag) => `Avisarme cuando ${tag} alcance`,
    rule: (tag, place) => `${tag} alcanza ${place}`,
    reached: (tag, place, counted) => `${tag} alcanzó ${place}: ${counted}.`,
    posts: (some_posts, length) => `${some_posts} en ${length}`,
    posts_and_people: (some_posts, length, people) => `${some_posts} en ${length}, de ${people}`,
    set: (places) => `Aviso: ${places}`,
    made: (rule) => `Aviso activado: ${rule}.`,
    removed: (rule) => `Aviso eliminado: ${rule}.`,
    too_many: "Este navegador guarda 100 reglas como máximo. Elimine antes una.",
    remove: "Eliminar",
    remove_rule: (rule) => `Eliminar: ${rule}`,
    undo_rule: (rule) => `Deshacer: ${rule}`,

    notify: {
      on: "Las notificaciones están activadas: este navegador muestra cada aviso mientras la página está abierta y se usa otra ventana.",
      off: "Las notificaciones están desactivadas.",
      blocked: "Este navegador bloquea las notificaciones de esta página. Se pueden permitir en los ajustes del navegador.",
      unsupported: "Este navegador no puede mostrar notificaciones de una página.",
      insecure: "Los navegadores solo muestran notificaciones de páginas por HTTPS o en localhost.",
    },
    dismissed: "Las notificaciones están desactivadas: la pregunta del navegador se cerró sin respuesta.",
    turn_on: "Activar las notificaciones",
    turn_off: "Desactivar las notificaciones",
  },
};
