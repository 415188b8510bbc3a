// What a result is besides its colours, for the 3D preview: the maps that its job has made, or the plane of its tiles.

import { complain } from "../kit/notices.js";
import * as api from "../state/api.js";
import { isTileSet } from "../state/rows.js";

/**
 * @import { Job } from "../types"
 * @import { Surface } from "../viewer/solid.js"
 */

const MAPS = ["normal", "roughness", "occlusion", "metallic", "emissive"];

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
    return { maps, flipped: params.normals === "directx", constant: Number(params.metallic ?? 0) };
  } catch (problem) {
    if (problem.status !== 404) complain(problem.message); // else the job has been deleted meanwhile
    return null;
  }
}
