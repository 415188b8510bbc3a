// The dialogue for a sheet: the tile repeated columns × rows, as one PNG.

import { $, tell } from "../kit/dom.js";
import { times, whole } from "../kit/words.js";
import * as api from "../state/api.js";
import { shapeOf } from "../state/rows.js";
import { fit, paint } from "../viewer/stage.js";

const MOST = 16; // times, each way; and so many megapixels: texture/images/sheets.py has the same limits
const MOST_MEGAPIXELS = 64;
const ROOM = { width: 400, height: 224 };

function count(id) {
  const value = Number($(id).value);
  return Number.isInteger(value) && value >= 1 && value <= MOST ? value : null;
}

function objection(columns, rows, { width, height }) {
  if (!columns || !rows) return `Columns and rows are whole numbers from 1 to ${MOST}.`;
  const megapixels = (columns * width * rows * height) / 1e6;
  if (megapixels <= MOST_MEGAPIXELS) return null;
  const much = `That would be ${Math.ceil(megapixels)} megapixels; up to ${MOST_MEGAPIXELS} are possible.`;
  return `${much} Ask for fewer columns or rows.`;
}

export class Sheet {
  #row = null;
  #bitmap = null;
  #name = "";

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
    fit($("sheet-canvas"), ROOM, tile, columns, rows);
    if (this.#bitmap?.width) paint($("sheet-canvas"), this.#bitmap, columns, rows);
    $("sheet-canvas").setAttribute(
      "aria-label",
      `The tile, ${whole(columns)} times across and ${whole(rows)} times down`,
    );
  }
}
