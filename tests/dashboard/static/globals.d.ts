// What the vendored scripts put into the page.
declare const Plotly: {
  animate(element: HTMLElement, frame: object, options: object): Promise<void>;
  toImage(figure: object, options: object): Promise<string>;
  newPlot(element: HTMLElement, data: object[], layout: object, config: object): Promise<void>;
  restyle(element: HTMLElement, update: object, traces: number[]): Promise<void>;
};
declare function io(options: object): {
  connected: boolean;
  io: { engine?: { transport: { name: string } }; on(event: string, listener: () => void): void };
  on(event: string, listener: (...values: any[]) => void): void;
  connect(): void;
  disconnect(): void;
  timeout(ms: number): { emit(event: string, ...values: any[]): void };
};
