/** Textos en español: «¿Y si…?» de la lección, los botones que perturban los servicios en marcha. */

/** @type {typeof import("../en/faults.js").words} */
export const words = {
  what_if: {
    open: "¿Y si…?",
    about:
      "Cada botón daña de verdad los servicios en marcha. Después, el trabajo vuelve a contar desde el registro las " +
      "publicaciones de ese tiempo y muestra si son las mismas.",
    begins: (name) => `${name}: empieza.`,
    running: (name, now) => `${name}: ${now}`,
    checking: (name) =>
      `${name}: ya pasó. El trabajo espera a que todas las publicaciones estén contadas y el tramo esté cerrado.`,
    numbers: (accepted, counted) => `${accepted} aceptadas desde el comienzo, ${counted} contadas.`,
    right: (accepted, counted, recounted) =>
      `${accepted} aceptadas, ${counted} contadas, ninguna perdida; ` +
      `los tramos de ese tiempo, contados otra vez desde el registro, tienen las mismas ${recounted}.`,
    wrong: (accepted, counted, lost) =>
      `Los recuentos son erróneos: ${accepted} aceptadas, ${counted} contadas, ${lost} perdidas.`,
    panes: (counted, recounted) =>
      `Los tramos de ese tiempo tienen ${counted}; contados otra vez desde el registro, tienen ${recounted}.`,
    failed: (name, why) => `${name}: no hay resultado: ${why}`,
    gone: "No hay resultado: el trabajo empezó de nuevo entretanto.",
    faults: {
      "stop-spark": {
        name: "Detener Spark 10 segundos",
        sentence: "El Java de Spark se queda quieto, e ingest sigue escribiendo publicaciones en su registro.",
        running: "Spark está quieto: no se cuenta nada y el registro crece.",
        right: () => "Spark siguió donde se había detenido, y todas las publicaciones estaban en el registro.",
      },
      "kill-python": {
        name: "Matar un proceso de Python",
        sentence: "Muere uno de los procesos de Python en los que cuentan los ejecutores.",
        running: "El trabajo busca un proceso de Python de Spark y lo mata.",
        right: () => "Spark inició otro proceso, que leyó las mismas posiciones del registro.",
      },
      "cut-socket": {
        name: "Cortar las conexiones",
        sentence: "Ingest cierra las conexiones de todos sus lectores, en medio de lo que envía.",
        running: "Ingest cierra todas las conexiones.",
        right: (connections) =>
          `Conexiones cerradas: ${connections}. Spark se conectó otra vez y siguió leyendo desde su posición.`,
      },
      "same-post": {
        name: "Enviar dos veces una publicación",
        sentence: "La demo envía otra vez una publicación que ya había enviado.",
        running: "La demo la envía.",
        right: (time) =>
          `Ingest conoce el identificador de la publicación, que llegó por primera vez a las ${time}, ` +
          "y descartó la segunda por repetida.",
      },
      "wrong-clock": {
        name: "Enviar una hora errónea",
        sentence: "La demo envía dos publicaciones que dicen ser de los años 1970 y 2038.",
        running: "La demo las envía.",
        right: (time) =>
          `Un tramo se rige por el reloj de ingest, que las recibió a las ${time}, así que ningún otro tramo cambió.`,
      },
    },
  },
};
