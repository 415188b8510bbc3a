// A picture on a solid, under a light, as three.js draws it. It is imported when it is asked for: preview.js.

import {
  BoxGeometry,
  CanvasTexture,
  DirectionalLight,
  DoubleSide,
  HemisphereLight,
  Mesh,
  MeshStandardMaterial,
  NoColorSpace,
  PerspectiveCamera,
  PlaneGeometry,
  RepeatWrapping,
  SRGBColorSpace,
  Scene,
  SphereGeometry,
  WebGLRenderer,
} from "../../vendor/three.module.min.js";
import { $, element } from "../kit/dom.js";
import { tuning } from "./tuning.js";

/**
 * @import { Geometry } from "../../vendor/three.module.min.js"
 * @import { Setting } from "./tuning.js"
 */

const LONGEST = 2048; // pixels of the picture as it is laid on the solid
const TILES = 4; // across and down in a sheet
const MOST_CELLS = 32; // of a plane, across and down, that is drawn
const FOLDS = 96; // of the cloth, across and down
const ANGLE = 35; // degrees that are seen across the shorter way
const TURN = 0.01; // radians for each pixel that a pointer moves
const [NEAREST, FARTHEST] = [2, 12];
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {number} value @param {number} least @param {number} most */
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** @typedef {"plane" | "sphere" | "cube" | "cloth"} FormName */
/** @typedef {{ turn: number, rise: number }} Direction in radians around and above */

/**
 * What a picture is besides its colours: a material, or a sheet of tiles, which an index map makes a plane of. The
 * normals are those of OpenGL, unless they are flipped. constant: how metallic it is where there is no map of that.
 * @typedef {"normal" | "roughness" | "occlusion" | "metallic" | "emissive"} MapName
 * settings: those that are tuned here.
 * @typedef {{ maps: Partial<Record<MapName, ImageBitmap>>, flipped: boolean, constant: number, settings: Setting[] }} Material
 * @typedef {Material | { index: ImageBitmap }} Surface
 */

const ROUGHNESS = 0.75; // of a picture that is no material

/**
 * What each is made of, and how often the picture goes around it where a plane has it once.
 * @type {Record<FormName, { make: () => Geometry, around: number }>}
 */
const FORMS = {
  plane: { make: () => new PlaneGeometry(2.4, 2.4), around: 1 },
  sphere: { make: () => new SphereGeometry(1.2, 96, 64), around: 2 },
  cube: { make: () => new BoxGeometry(1.7, 1.7, 1.7), around: 1 },
  cloth: { make: () => new PlaneGeometry(2.6, 2.6, FOLDS, FOLDS), around: 1 },
};

/**
 * How far the cloth stands out at a place, after so many seconds.
 * @param {number} x
 * @param {number} y
 * @param {number} time
 */
const wave = (x, y, time) =>
  0.14 * Math.sin(2.1 * x + time) + 0.09 * Math.sin(1.7 * y + 1.3 * time) + 0.04 * Math.sin(3 * (x + y) - 0.8 * time);

/**
 * Puts something at a distance in a direction.
 * @param {Pick<Mesh, "position">} what
 * @param {Direction} direction
 * @param {number} distance
 */
function place({ position }, { turn, rise }, distance) {
  position.set(Math.sin(turn) * Math.cos(rise), Math.sin(rise), Math.cos(turn) * Math.cos(rise));
  position.multiplyScalar(distance);
}

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/**
 * Draws a picture on a canvas that becomes as large, or as large as makes sense.
 * @param {ImageBitmap} bitmap
 * @param {HTMLCanvasElement} canvas
 */
function draw(bitmap, canvas) {
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  contextOf(canvas).drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/** @param {ImageBitmap} index */
const cellsOf = ({ width, height }) => [Math.min(width, MOST_CELLS), Math.min(height, MOST_CELLS)];

/**
 * Draws the plane that the tiles of a sheet make. Red of the index is a tile's column, green its row, 0 to 255.
 * @param {ImageBitmap} sheet of 4×4 tiles
 * @param {ImageBitmap} index
 * @param {HTMLCanvasElement} canvas
 */
function drawPlane(sheet, index, canvas) {
  const [columns, rows] = cellsOf(index);
  const scale = Math.min(1, (LONGEST * TILES) / (columns * sheet.width), (LONGEST * TILES) / (rows * sheet.height));
  const [width, height] = [sheet.width, sheet.height].map((side) => Math.max(1, Math.floor((side * scale) / TILES)));
  const small = element("canvas", { width: width * TILES, height: height * TILES });
  contextOf(small).drawImage(sheet, 0, 0, small.width, small.height);
  const read = contextOf(element("canvas", { width: columns, height: rows }));
  read.drawImage(index, 0, 0);
  const { data } = read.getImageData(0, 0, columns, rows);
  [canvas.width, canvas.height] = [columns * width, rows * height];
  const plane = contextOf(canvas);
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const [across, down] = [data[4 * cell], data[4 * cell + 1]].map((level) => Math.round((level * (TILES - 1)) / 255));
    const [x, y] = [(cell % columns) * width, Math.floor(cell / columns) * height];
    plane.drawImage(small, across * width, down * height, width, height, x, y, width, height);
  }
}

export class Solid {
  #canvas = element("canvas"); // the picture as it is laid on
  #renderer;
  #scene = new Scene();
  #camera = new PerspectiveCamera(ANGLE, 1, 0.1, 50);
  #light = new DirectionalLight(0xffffff, 3);
  #material = new MeshStandardMaterial({ roughness: ROUGHNESS, side: DoubleSide });
  #mesh = new Mesh(new PlaneGeometry(), this.#material);
  /** @type {FormName} */
  #form = "plane";
  #times = 1;
  /** @type {ImageBitmap | null} */
  #index = null; // of the tiles that the picture is a sheet of
  #eye = { turn: 0.5, rise: 0.35 };
  #lamp = { turn: -0.7, rise: 0.7 };
  #distance = 4.7;
  /** @type {HTMLElement | null} */
  #tuning = null;
  #frame = 0; // the one that is asked for
  #watch;
  #host;

  /** @param {HTMLElement} host it fills this; fails where the browser has no WebGL. */
  constructor(host) {
    this.#host = host;
    this.#renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.#scene.add(this.#mesh, this.#light, new HemisphereLight(0xffffff, 0x777777, 1.1));
    this.node = this.#renderer.domElement;
    host.append(this.node);
    this.#watch = new ResizeObserver(() => this.#resize(host));
    this.#watch.observe(host);
  }

  /**
   * Lays a picture on it.
   * @param {ImageBitmap} bitmap
   */
  show(bitmap) {
    const { width, height } = this.#canvas;
    if (this.#index) drawPlane(bitmap, this.#index, this.#canvas);
    else draw(bitmap, this.#canvas);
    const same = this.#canvas.width === width && this.#canvas.height === height;
    if (!this.#material.map || !same) {
      this.#material.map?.dispose();
      this.#material.map = this.#textureOf(this.#canvas, SRGBColorSpace);
    }
    this.#material.map.needsUpdate = true;
    this.#repeat();
  }

  /**
   * Gives it the surface of a material, or the index map of tiles, which the next picture is laid by; null: neither.
   * @param {Surface | null} given
   */
  wear(given) {
    const material = this.#material;
    const surface = given && "maps" in given ? given : null;
    this.#index = given && "index" in given ? given.index : null;
    for (const map of this.#further) map.dispose();
    /** @param {MapName} name @param {string} [space] */
    const laid = (name, space = NoColorSpace) => {
      const bitmap = surface?.maps[name];
      return bitmap ? this.#textureOf(draw(bitmap, element("canvas")), space) : null;
    };
    material.normalMap = laid("normal");
    material.roughnessMap = laid("roughness");
    material.aoMap = laid("occlusion");
    material.metalnessMap = laid("metallic");
    material.emissiveMap = laid("emissive", SRGBColorSpace);
    material.roughness = material.roughnessMap ? 1 : ROUGHNESS; // times the map
    material.metalness = material.metalnessMap ? 1 : (surface?.constant ?? 0);
    material.emissive.setScalar(material.emissiveMap ? 1 : 0);
    material.normalScale.set(1, surface?.flipped ? -1 : 1);
    material.aoMapIntensity = 1;
    material.needsUpdate = true;
    this.#tuning?.remove();
    this.#tuning = surface?.settings.length
      ? tuning(surface.settings, (...how) => this.#tune(...how), this.#host)
      : null;
    if (this.#tuning) $("preview-tools").append(this.#tuning);
    this.#repeat();
  }

  /**
   * Shows, on the maps as they are, what another value would look like: near enough to choose it by.
   * @param {string} name of a setting
   * @param {number} value
   * @param {number} before the one that the maps were made with
   */
  #tune(name, value, before) {
    const [material, times] = [this.#material, before > 0 ? value / before : 1];
    if (name === "normal_strength") material.normalScale.set(times, Math.sign(material.normalScale.y) * times);
    if (name === "roughness") material.roughness = times;
    if (name === "occlusion") material.aoMapIntensity = times;
    if (name === "metallic") material.metalness = value;
    this.draw();
  }

  /** The maps besides the colour. */
  get #further() {
    const { normalMap, roughnessMap, aoMap, metalnessMap, emissiveMap } = this.#material;
    return [normalMap, roughnessMap, aoMap, metalnessMap, emissiveMap].filter((map) => map !== null);
  }

  /** Takes the picture off. */
  clear() {
    this.#material.map?.dispose();
    this.#material.map = null;
    this.#material.needsUpdate = true;
    this.draw();
  }

  /** @param {HTMLCanvasElement} canvas @param {string} space what its numbers mean */
  #textureOf(canvas, space) {
    this.#material.needsUpdate = true;
    const map = new CanvasTexture(canvas);
    map.wrapS = map.wrapT = RepeatWrapping;
    map.colorSpace = space;
    map.anisotropy = this.#renderer.capabilities.getMaxAnisotropy();
    return map;
  }

  /**
   * @param {FormName} form
   * @param {number} times how often the picture is repeated across a plane.
   */
  set(form, times) {
    [this.#form, this.#times] = [form, times];
    this.#mesh.geometry.dispose();
    this.#mesh.geometry = FORMS[form].make();
    this.#repeat();
  }

  #repeat() {
    const { width, height } = this.#canvas;
    const times = this.#index ? (this.#times * TILES) / cellsOf(this.#index)[0] : this.#times; // a plane is many sheets
    for (const map of [this.#material.map, ...this.#further])
      map?.repeat.set(FORMS[this.#form].around * times, (times * width) / height);
    this.draw();
  }

  /**
   * Goes around it, or moves the light around it, by so many pixels of a pointer.
   * @param {number} dx
   * @param {number} dy
   * @param {boolean} light
   */
  turn(dx, dy, light) {
    const what = light ? this.#lamp : this.#eye;
    const way = light ? TURN : -TURN; // the light follows the pointer, and so does the solid's face
    what.turn += dx * way;
    what.rise = clamp(what.rise - dy * way, -1.5, 1.5);
    this.draw();
  }

  /** @param {number} factor */
  zoomBy(factor) {
    this.#distance = clamp(this.#distance / factor, NEAREST, FARTHEST);
    this.draw();
  }

  draw() {
    this.#frame ||= requestAnimationFrame((time) => this.#drawNow(time / 1000));
  }

  /** @param {number} time in seconds */
  #drawNow(time) {
    this.#frame = 0;
    if (this.#form === "cloth") this.#ripple(CALM.matches ? 0 : time);
    place(this.#camera, this.#eye, this.#distance);
    place(this.#light, this.#lamp, 5);
    this.#camera.lookAt(0, 0, 0);
    this.#renderer.render(this.#scene, this.#camera);
    const moves = this.#form === "cloth" && !CALM.matches;
    if (moves && this.node.checkVisibility()) this.draw(); // it is resized, and so drawn, when it is seen again
  }

  /** @param {number} time in seconds */
  #ripple(time) {
    const { position } = this.#mesh.geometry.attributes;
    for (let at = 0; at < position.count; at += 1) position.setZ(at, wave(position.getX(at), position.getY(at), time));
    position.needsUpdate = true;
    this.#mesh.geometry.computeVertexNormals();
  }

  /** @param {HTMLElement} host */
  #resize({ clientWidth: width, clientHeight: height }) {
    if (!width || !height) return;
    this.#renderer.setPixelRatio(window.devicePixelRatio || 1);
    this.#renderer.setSize(width, height);
    this.#camera.aspect = width / height;
    this.#camera.fov = (360 / Math.PI) * Math.atan(Math.tan((ANGLE * Math.PI) / 360) * Math.max(1, height / width));
    this.#camera.updateProjectionMatrix();
    this.draw();
  }

  /** Gives back what it holds of the graphics card. */
  dispose() {
    cancelAnimationFrame(this.#frame);
    this.#watch.disconnect();
    this.#mesh.geometry.dispose();
    for (const map of [this.#material.map, ...this.#further]) map?.dispose();
    this.#material.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
    this.#tuning?.remove();
    this.node.remove();
  }
}
