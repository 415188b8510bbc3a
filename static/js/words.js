// Numbers and names as people read them.

export const STATES = {
  queued: "Queued",
  running: "Running",
  paused: "Paused",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const UNFINISHED = ["queued", "running", "paused"];
export const WITH_RESULT = ["done", "paused", "cancelled"];

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** "what it is" -> "What it is." */
export const sentence = (text) => (text ? capital(text).replace(/\.?$/, ".") : "");

/** 75 -> "1:15", 3700 -> "1:01:40". */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** 12 -> "12 s", 130 -> "2 min 10 s", 4000 -> "1 h 6 min". */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const ROUGH = [
  [10, 1],
  [60, 5],
  [600, 30],
  [3600, 300],
  [Infinity, 1800],
]; // up to so many seconds: in steps of

/** A duration that nobody knows exactly: 7 -> "7 s", 88 -> "1 min 30 s", 5000 -> "1 h 30 min". */
export function roughly(seconds) {
  const [, step] = ROUGH.find(([end]) => seconds < end);
  const whole = Math.max(step, Math.round(seconds / step) * step);
  return duration(whole).replace(/ 0 (s|min)$/, "");
}

/** Three significant digits; powers of ten as such: 0.00423 -> "0.00423", 0.0000042 -> "4.20e-6". */
export function figure(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/** Marks of a logarithmic axis: 0.1, 0.01, 1e-4. */
export const mark = (value) => (value > 0 && value < 1e-3 ? value.toExponential(0) : figure(value));

const UNITS = { sample: "Block", walk: "Picture", stylise: "Block" };

/** What a job's steps are called. */
export const unitOf = (row) => UNITS[row.method] ?? "Step";

/** Of the whole work, 0..1. */
export const share = (row) => (row.state === "done" ? 1 : (row.done ?? (row.total ? row.number / row.total : 0)));

export const percent = (row) => Math.floor(100 * share(row));

export const whole = (number) => number.toLocaleString("en-GB");

/** "learning_rate" -> "Learning rate". */
export const title = (name) => capital(name.replaceAll("_", " "));

/** A parameter's value. */
export function asText(value) {
  if (value === null) return "automatic";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** ["draft", "size 128", "seed 3"]: what a request asks for besides what is usual. */
export function settings({ preset, params }) {
  const set = Object.entries(params).map(([name, value]) => `${name.replaceAll("_", " ")} ${asText(value)}`);
  return preset && preset !== "standard" ? [preset, ...set] : set;
}

/** "Style transfer, Gatys et al. 2016" -> "Style transfer". */
export const brief = (heading) => heading.split(",")[0];

const SPELLED = {
  lbfgs: "L-BFGS",
  bfloat16: "bfloat16",
  float32: "float32",
  vgg19: "VGG-19",
  "vgg19-torchvision": "VGG-19, torchvision",
  vgg16: "VGG-16",
};

/** A choice as people write it. */
export const choiceWord = (choice) => SPELLED[choice] ?? title(String(choice));

/** "512x384" or "512" -> {width, height}. */
export function extent(size) {
  const [width, height = width] = String(size).split("x").map(Number);
  return { width, height };
}

/** Whether a job, or the model that it trains, repaints pictures: the result has the shape of one, and does not wrap. */
const repaints = ({ images, params }) => (params.task ? params.task === "stylise" : "content" in images);

export const SEAMLESS = "seamless"; // the method that only makes a picture tile

/** Whether a job's picture is made to be repeated. */
export const isTile = (row) => "tile" in row.params && !repaints(row);

/** The shape of a job's picture at full size. @param bitmap of it as far as it is, if there is one. */
export function shapeOf(row, bitmap) {
  if (!row.params.size) return bitmap ?? { width: 1, height: 1 };
  const asked = extent(row.params.size);
  if (!repaints(row) || !bitmap) return asked;
  const scale = Math.max(asked.width, asked.height) / Math.max(bitmap.width, bitmap.height);
  return { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
}

/** "512 × 384", or as long as that is all that is known "512 on its longer side". */
export function sizeWords(row, bitmap) {
  const { width, height } = shapeOf(row, bitmap);
  return repaints(row) && !bitmap ? `${Math.max(width, height)} on its longer side` : times({ width, height });
}

export const times = ({ width, height }) => `${width} × ${height}`;

const SIZES = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
];

/** 1234567 -> "1.23 MB". */
export function bytes(number) {
  const [unit, size] = SIZES.find(([, least]) => number >= least) ?? ["bytes", 1];
  return `${figure(number / size)} ${unit}`;
}

const DAY = 24 * 60 * 60 * 1000;

/** "12 November", in another year than `now` "12 November 2024". */
export function day(date, now = new Date()) {
  const words = date.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  return date.getFullYear() === now.getFullYear() ? words : `${words} ${date.getFullYear()}`;
}

/** "today 14:05", "yesterday 14:05", "12 November 14:05", "12 November 2024": when something was, seen from `now`. */
export function when(date, now = new Date()) {
  const midnight = (of) => new Date(of).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(date)) / DAY);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (days === 0 || days === 1) return `${days ? "yesterday" : "today"} ${time}`;
  return date.getFullYear() === now.getFullYear() ? `${day(date, now)} ${time}` : day(date, now);
}
