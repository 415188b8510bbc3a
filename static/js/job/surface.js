// The surface of a material, for the 3D preview: its maps, once the job has made them all.

import { complain } from "../kit/notices.js";
import * as api from "../state/api.js";

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
export async function surfaceOf({ id, params }) {
  try {
    const [normal, roughness, occlusion] = await Promise.all(MAPS.map((name) => api.bitmap(api.mapPath(id, name))));
    return { normal, roughness, occlusion, flipped: params.normals === "directx", metallic: Number(params.metallic) };
  } catch (problem) {
    if (problem.status !== 404) complain(problem.message); // else the job has been deleted meanwhile
    return null;
  }
}
