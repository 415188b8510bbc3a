export {};

declare global {
  interface HTMLElementTagNameMap {
    "img-comparison-slider": HTMLElement & { value: number };
  }
}
