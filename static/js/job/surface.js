// What a result is besides its colours, for the 3D preview: the maps that its job has made, or the plane of its tiles.

import { complain } from "../kit/notices.js";
import { fieldsOf } from "../kit/schema.js";
import * as api from "../state/api.js";
import { methodOf } from "../state/catalogue.js";
import { isTileSet } from "../state/rows.js";

/**
 * @import { Job } from "../types"
 * @import { Surface } from "../viewer/solid.js"
 */

const TUNED = ["normal_strength", "roughness", "occlusion", "metallic"];
const MAPS = ["normal", "roughness", "occlusion", "metallic", "emissive"];

/**
 * What can be tuned of a material whose maps were estimated; nothing of one whose maps were given.
 * @param {Job} row
 */
const settingsOf = ({ method, params }) =>
  fieldsOf(methodOf(method)?.schema ?? {})
    .filter(({ name }) => TUNED.includes(name))
    .map(({ name, label, minimum = 0, maximum = 1 }) => ({
      name,
      label,
      minimum,
      maximum,
      value: Number(params[name]),
    }));

/**
 * Fetches it; null where it cannot be had.
 * @param {Job} row
 * @returns {Promise<Surface | null>}
 */
export async function surfaceOf(row) {
  const { id, params, files } = row;
  try {
    if (isTileSet(row)) return { index: await api.bitmap(api.mapPath(id, "index")) };
    const there = MAPS.filter((name) => files.includes(`${name}.png`));
    const bitmaps = await Promise.all(there.map((name) => api.bitmap(api.mapPath(id, name))));
    const maps = Object.fromEntries(there.map((name, place) => [name, bitmaps[place]]));
    return {
      maps,
      flipped: params.normals === "directx",
      constant: Number(params.metallic ?? 0),
      settings: settingsOf(row),
    };
  } catch (problem) {
    if (problem.status !== 404) complain(problem.message); // else the job has been deleted meanwhile
    return null;
  }
}
