// Components are written as templates: html`<${Part} of=${something} />`.

import htm from "../../vendor/htm.js";
import { h } from "../../vendor/preact.js";

export const html = htm.bind(h);
