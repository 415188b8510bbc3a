// Numbers and names as people read them.

/** @import { Shape } from "../types" */

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * "what it is" -> "What it is."
 * @param {string | null | undefined} text
 */
export const sentence = (text) => (text ? capital(text).replace(/\.?$/, ".") : "");

/**
 * 75 -> "1:15", 3700 -> "1:01:40".
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * 12 -> "12 s", 130 -> "2 min 10 s", 4000 -> "1 h 6 min".
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * How long something took: 80 -> "1:20", but "under 1 s" where that would be "0:00".
 * @param {number} seconds
 */
export const taken = (seconds, words = clock) => (seconds < 0.5 ? "under 1 s" : words(seconds));

const ROUGH = [
  [10, 1],
  [60, 5],
  [600, 30],
  [3600, 300],
]; // up to so many seconds: in steps of
const COARSEST = 1800; // beyond these

/**
 * A duration that nobody knows exactly: 7 -> "7 s", 88 -> "1 min 30 s", 5000 -> "1 h 30 min".
 * @param {number} seconds
 */
export function roughly(seconds) {
  const step = ROUGH.find(([end]) => seconds < end)?.[1] ?? COARSEST;
  const whole = Math.max(step, Math.round(seconds / step) * step);
  return duration(whole).replace(/ 0 (s|min)$/, "");
}

/**
 * Three significant digits; powers of ten as such: 0.00423 -> "0.00423", 0.0000042 -> "4.20e-6".
 * @param {number | null} value
 */
export function figure(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/**
 * Marks of a logarithmic axis: 0.1, 0.01, 1e-4.
 * @param {number} value
 */
export const mark = (value) => (value > 0 && value < 1e-3 ? value.toExponential(0) : figure(value));

/** @param {number} number */
export const whole = (number) => number.toLocaleString("en-GB");

/**
 * "learning_rate" -> "Learning rate".
 * @param {string} name
 */
export const title = (name) => capital(name.replaceAll("_", " "));

/**
 * A parameter's value: "automatic", "on", 0.003922.
 * @param {unknown} value
 */
export function asText(value) {
  if (value === null) return "automatic";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @type {Record<string, string>} */
const SPELLED = {
  lbfgs: "L-BFGS",
  bfloat16: "bfloat16",
  float32: "float32",
  vgg19: "VGG-19",
  "vgg19-torchvision": "VGG-19, torchvision",
  vgg16: "VGG-16",
};

/**
 * A choice as people write it.
 * @param {unknown} choice
 */
export const choiceWord = (choice) => SPELLED[String(choice)] ?? title(String(choice));

/**
 * "512x384" or "512" -> {width, height}.
 * @param {unknown} size
 */
export function extent(size) {
  const [width, height = width] = String(size).split("x").map(Number);
  return { width, height };
}

/** @param {Shape} shape */
export const times = ({ width, height }) => `${width} × ${height}`;

/** @type {[string, number][]} */
const SIZES = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
];

/**
 * 1234567 -> "1.23 MB".
 * @param {number} number
 */
export function bytes(number) {
  const [unit, size] = SIZES.find(([, least]) => number >= least) ?? ["bytes", 1];
  return `${figure(number / size)} ${unit}`;
}

/**
 * 20971520 -> "20": in units of 2^20 bytes, as limits of files are.
 * @param {number} count
 */
export const megabytes = (count) => figure(count / 2 ** 20);

const DAY = 24 * 60 * 60 * 1000;

/**
 * "12 November", in another year than `now` "12 November 2024".
 * @param {Date} date
 */
export function day(date, now = new Date()) {
  const words = date.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  return date.getFullYear() === now.getFullYear() ? words : `${words} ${date.getFullYear()}`;
}

/**
 * "today 14:05", "yesterday 14:05", "12 November 14:05", "12 November 2024": when something was, seen from `now`.
 * @param {Date} date
 */
export function when(date, now = new Date()) {
  /** @param {Date} of */
  const midnight = (of) => new Date(of).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(date)) / DAY);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (days === 0 || days === 1) return `${days ? "yesterday" : "today"} ${time}`;
  return date.getFullYear() === now.getFullYear() ? `${day(date, now)} ${time}` : day(date, now);
}
