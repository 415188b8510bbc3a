// What a result is besides its colours, for the 3D preview: the maps of a material, or the plane that tiles make.

import { complain } from "../kit/notices.js";
import * as api from "../state/api.js";
import { isTileSet } from "../state/rows.js";

/**
 * @import { Job } from "../types"
 * @import { Surface } from "../viewer/solid.js"
 */

const MAPS = ["normal", "roughness", "occlusion"];

/**
 * Fetches it; null where it cannot be had.
 * @param {Job} row
 * @returns {Promise<Surface | null>}
 */
export async function surfaceOf(row) {
  const { id, params } = row;
  try {
    if (isTileSet(row)) return { index: await api.bitmap(api.mapPath(id, "index")) };
    const [normal, roughness, occlusion] = await Promise.all(MAPS.map((name) => api.bitmap(api.mapPath(id, name))));
    return { normal, roughness, occlusion, flipped: params.normals === "directx", metallic: Number(params.metallic) };
  } catch (problem) {
    if (problem.status !== 404) complain(problem.message); // else the job has been deleted meanwhile
    return null;
  }
}
