// A catalogue as small as the tests need one.

import { learn } from "../../static/js/state/catalogue.js";

const metric = (name, more = {}) => ({ name, title: name, unit: "", direction: "lower", ranked: true, ...more });
const state = (name, ended, moves) => ({ name, title: name, ended, moves });

learn({
  methods: [
    { name: "match", title: "Match", listed: true, continues: true, roles: [] },
    { name: "guided", continues: false, roles: [] },
    { name: "material", continues: false, material: true, roles: [] },
  ],
  roles: [],
  maps: { normal: "Normal (OpenGL)", height: "Height" },
  metrics: [
    metric("patch", { title: "Patch distance" }),
    metric("copying", { unit: "share, 0 to 1", ranked: false }),
    metric("regularity", { direction: "higher" }),
  ],
  states: [
    state("queued", false, { pause: "paused", cancel: "cancelled" }),
    state("running", false, { pause: "paused", cancel: "cancelled" }),
    state("paused", false, { resume: "queued", cancel: "cancelled" }),
    state("done", true, {}),
    state("failed", true, { resume: "queued", retry: "queued" }),
    state("cancelled", true, { retry: "queued" }),
  ],
  limits: {},
  palette: {
    runs: ["#000000", "#ffffff"],
    regions: { black: "#000000", white: "#ffffff", red: "#ff0000" },
    labels: {},
  },
});
