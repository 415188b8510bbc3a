// The dialogue for a sheet: the tile repeated columns × rows, as one PNG.

import { $, tell } from "../kit/dom.js";
import { times, whole } from "../kit/words.js";
import * as api from "../state/api.js";
import { facts } from "../state/catalogue.js";
import { shapeOf } from "../state/rows.js";
import { Lens } from "../viewer/lens.js";
import { Pane } from "../viewer/pane.js";

function count(id) {
  const value = Number($(id).value);
  return Number.isInteger(value) && value >= 1 && value <= facts.limits.repeats ? value : null;
}

function objection(columns, rows, { width, height }) {
  if (!columns || !rows) return `Columns and rows are whole numbers from 1 to ${facts.limits.repeats}.`;
  const [pixels, most] = [columns * width * rows * height, facts.limits.sheet_pixels];
  if (pixels <= most) return null;
  const much = `That would be ${Math.ceil(pixels / 1e6)} megapixels; up to ${most / 1e6} are possible.`;
  return `${much} Ask for fewer columns or rows.`;
}

export class Sheet {
  #row = null;
  #bitmap = null;
  #name = "";
  #lens = new Lens();
  #pane = new Pane($("sheet-canvas"), this.#lens);

  constructor() {
    for (const field of [$("columns"), $("rows")]) field.addEventListener("input", () => this.#update());
    $("sheet-form").addEventListener("submit", (event) => {
      event.preventDefault();
      $("sheet-download").click();
    });
    $("sheet-download").addEventListener("click", (event) => {
      if (!$("sheet-download").href) event.preventDefault();
      else $("sheet").close();
    });
  }

  open(row, bitmap, name) {
    this.#row = row;
    this.#bitmap = bitmap;
    this.#name = name;
    this.#update();
    $("sheet").showModal();
    $("columns").select();
  }

  #update() {
    const [columns, rows] = [count("columns"), count("rows")];
    const tile = shapeOf(this.#row, this.#bitmap ?? undefined);
    const problem = objection(columns, rows, tile);
    tell($("sheet-error"), problem);
    tell(
      $("sheet-size"),
      problem ? "" : `${times({ width: tile.width * columns, height: tile.height * rows })} pixels`,
    );
    this.#link(problem, columns, rows);
    if (!problem) this.#preview(columns, rows, tile);
  }

  #link(problem, columns, rows) {
    const link = $("sheet-download");
    link.setAttribute("aria-disabled", String(Boolean(problem)));
    if (problem) link.removeAttribute("href");
    else link.href = api.sheetPath(this.#row.id, columns, rows);
    link.download = `${this.#name}-${columns}x${rows}.png`;
  }

  #preview(columns, rows, tile) {
    this.#lens.setShape(tile);
    this.#lens.repeat(columns, rows);
    this.#pane.show(this.#bitmap, tile);
    $("sheet-canvas").setAttribute(
      "aria-label",
      `The tile, ${whole(columns)} times across and ${whole(rows)} times down`,
    );
  }
}
