// The surface of a material, for the 3D preview: its maps, once the job has made them all.

import { complain } from "../kit/notices.js";
import * as api from "../state/api.js";

/**
 * @import { Job } from "../types"
 * @import { Surface } from "../viewer/solid.js"
 */

const MAPS = ["normal", "roughness", "occlusion"];

/**
 * What fetches it, once and when it is asked for.
 * @param {Job} row
 * @returns {() => Promise<Surface | null>}
 */
export function surfaceOf({ id, params }) {
  /** @type {Promise<Surface | null> | null} */
  let coming = null;
  const load = async () => {
    const [normal, roughness, occlusion] = await Promise.all(MAPS.map((name) => api.bitmap(api.mapPath(id, name))));
    return { normal, roughness, occlusion, flipped: params.normals === "directx", metallic: Number(params.metallic) };
  };
  /** @param {{ status?: number, message: string }} problem */
  const fail = (problem) => {
    coming = null; // the next time it is tried again
    if (problem.status !== 404) complain(problem.message); // else the job has been deleted meanwhile
    return null;
  };
  return () => (coming ??= load().catch(fail));
}
