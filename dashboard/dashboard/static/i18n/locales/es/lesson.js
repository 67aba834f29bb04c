/** Textos en español: la lección. Usa las palabras de los programas: «microlote» (micro-batch), «tramo» (pane). */

import { plurals } from "../../plural.js";

const form = plurals("es");

const posts = (/** @type {string} */ shown, /** @type {number} */ value) =>
  form(value, { one: `${shown} publicación`, many: `${shown} de publicaciones`, other: `${shown} publicaciones` });

/** @type {typeof import("../en/lesson.js").words} */
export const words = {
  lesson: {
    title: "Cómo funciona",
    back: "Volver a la página en vivo",
    map: "El camino de una publicación, en seis etapas",
    controls: "Etapas y velocidad",
    previous: "Anterior",
    next: "Siguiente",
    again: "Microlote más reciente",
    pause: "Pausar",
    play: "Continuar",
    slower: "Más lento",
    faster: "Más rápido",
    speed: (times) => `${times}×`,
    why: "¿Por qué?",
    stage_of: (stage, stages) => `Etapa ${stage} de ${stages}`,
    spoken: (stage_of, name, sentence) => `${stage_of}: ${name}. ${sentence}`,
    places: { ingest: "ingest", executors: "ejecutores", driver: "driver", dashboard: "panel" },
    executor: (number) => `ejecutor ${number}`,
    runs_in: (place) => `Se ejecuta en: ${place}`,
    steps: {
      plan: "planificar",
      count: "contar",
      store: "guardar",
      rank: "ordenar",
      push: "enviar",
      show: "mostrar",
    },

    batch: (id) => `Microlote ${id}`,
    offsets: (first, last) => `posiciones ${first} a ${last}`,
    newer: (shown, value) =>
      form(value, {
        one: `Hay microlotes más recientes: ${shown} publicación contada desde entonces.`,
        many: `Hay microlotes más recientes: ${shown} de publicaciones contadas desde entonces.`,
        other: `Hay microlotes más recientes: ${shown} publicaciones contadas desde entonces.`,
      }),
    loading: "Esperando el microlote más reciente…",
    none_yet:
      "Todavía no hay ningún microlote. Spark empieza uno cuando llegan publicaciones nuevas, una vez por segundo como máximo. El trabajo solo anota lo que hace mientras alguien mira esta página.",
    no_newer: (why) => `No hay un microlote más reciente: ${why}`,
    no_posts: "Este microlote no tiene publicaciones. Aun así, Spark cierra los tramos cuando termina su tiempo.",
    no_tags: "Ninguna publicación de este microlote tiene un hashtag que se pueda mostrar.",
    no_task: "Ninguna tarea contó publicaciones en este microlote.",

    stages: {
      posts: {
        name: "Llegan publicaciones",
        sentence: () => "Ingest acepta una publicación nueva que cumple los términos y la escribe al final de un registro.",
        why: [
          "Una publicación repetida o que nadie busca no debe contarse, así que ingest la descarta aquí.",
          "La posición de una publicación en el registro no cambia nunca; por eso cada una se puede contar exactamente una vez.",
        ],
      },
      tags: {
        name: "Hashtags",
        sentence: () => "Ingest busca los hashtags de cada texto y escribe cada uno como clave, para que sus grafías cuenten como uno.",
        why: [
          "#WorldCup y #worldcup deben ser una sola barra: los dos tienen la clave worldcup.",
          "Un hashtag que aparece dos veces en una publicación cuenta una vez, porque los números son de publicaciones.",
        ],
      },
      count: {
        name: "Contar",
        sentence: () => "Spark divide el microlote en tareas, y los ejecutores cuentan sus partes al mismo tiempo.",
        why: [
          "Cada tarea lee sus propias posiciones del registro, así que dos ejecutores nunca cuentan la misma publicación.",
          "Al driver solo viajan los recuentos y no las publicaciones: es mucho menos que enviar.",
        ],
      },
      pane: {
        name: "Sumar",
        sentence: (pane) =>
          `El driver suma estos recuentos al tramo abierto: los ${pane} que se están llenando ahora.`,
        why: [
          "Los recuentos y la última posición se guardan en una sola transacción: tras una caída, el trabajo sabe qué está contado.",
          "Con un número por tramo y hashtag, el trabajo nunca tiene que leer otra vez una publicación antigua.",
        ],
      },
      window: {
        name: "Ventana",
        sentence: (_pane, window) =>
          `Los tramos cerrados y el abierto forman la ventana de ${window}, y el tramo que sale de ella se resta.`,
        why: [
          "Sumar lo nuevo y restar el tramo antiguo tarda lo mismo, tenga la ventana las publicaciones que tenga.",
          "Contar otra vez todas las publicaciones de la ventana cada segundo tardaría más con cada publicación nueva.",
        ],
      },
      top: {
        name: "Los 10 primeros",
        sentence: () => "El driver ordena los hashtags y envía la lista al panel, que la manda a todas las páginas abiertas.",
        why: [
          "Dos hashtags con las mismas publicaciones se ordenan por su clave, y así todas las páginas muestran el mismo orden.",
          "Cada envío contiene la lista entera, así que perder uno no cuesta nada: el siguiente lo sustituye.",
        ],
      },
    },

    accepted: "Aceptadas",
    dropped: "Descartadas",
    posts,
    accepted_within: (duration) => `aceptadas en ${duration}`,
    shown: (some, all) => `se muestran ${some} de ${all} publicaciones`,
    shown_dropped: (some, all) => `se muestran ${some} de ${all} descartadas`,
    none_dropped: "No se descartó ninguna publicación desde el microlote anterior.",
    reasons: { filtered: "filtrada", duplicate: "repetida", malformed: "mal formada" },
    details: {
      filtered: "Los términos no la piden.",
      duplicate: "El registro ya tiene una publicación con este identificador.",
      malformed: "No se puede leer.",
    },
    text_hidden: "El texto no se muestra.",
    no_hashtag: "sin hashtag",
    found_tags: (shown, value) =>
      form(value, {
        one: `${shown} hashtag en estas publicaciones`,
        other: `${shown} hashtags distintos en estas publicaciones`,
      }),
    process: (number, took) => `proceso ${number}: ${took}`,
    tasks: (shown, value) => form(value, { one: `${shown} tarea`, other: `${shown} tareas` }),
    one_task: "1 tarea: tan pocas publicaciones no se dividen",
    counts: "Recuentos de este microlote",
    open_pane: (range) => `Tramo abierto: ${range}`,
    pane_before: "en el tramo antes",
    this_batch: "este microlote",
    pane_after: "en el tramo ahora",
    closed_late: (shown, value) =>
      form(value, {
        one: `Además, ${shown} recuento es de un tramo ya cerrado.`,
        other: `Además, ${shown} recuentos son de tramos ya cerrados.`,
      }),
    window_before: "en la ventana antes",
    left: "tramo que sale",
    window_after: "en la ventana ahora",
    window_is: (closed, range) => `${closed} tramos cerrados + el abierto: ${range}`,
    pane_left: (range, posts_text) => `salió de la ventana: ${range}, ${posts_text}`,
    nothing_left: "Con este microlote no salió ningún tramo de la ventana: sale uno cuando empieza un tramo nuevo.",
    panes_of: (tag) => `Tramos de ${tag}`,
    panes_text: (tag, numbers, left) =>
      `Publicaciones con ${tag} en cada tramo, primero el más antiguo: ${numbers}. Salieron: ${left}.`,
    leaves: "sale",
    leaves_next: "sale luego",
    open: "abierto",
    rank_new: "NUEVO",
    rank_same: "=",
    ranks_up: (value) => `▲ ${value}`,
    ranks_down: (value) => `▼ ${value}`,
    took: (step, place, duration) => `${step} (${place}): ${duration}`,
    clocks: "Cada servicio mide con su propio reloj.",
  },
};
