// Of three.js, what solid.js uses: its own types would bring eight packages.

interface Vector {
  y: number;
  set(x: number, y: number, z?: number): void;
  multiplyScalar(factor: number): void;
}

interface Disposable {
  dispose(): void;
}

interface Positions {
  count: number;
  needsUpdate: boolean;
  getX(at: number): number;
  getY(at: number): number;
  setZ(at: number, value: number): void;
}

export class Geometry implements Disposable {
  attributes: { position: Positions };
  computeVertexNormals(): void;
  dispose(): void;
}

export class BoxGeometry extends Geometry {
  constructor(width?: number, height?: number, depth?: number);
}

export class PlaneGeometry extends Geometry {
  constructor(width?: number, height?: number, across?: number, down?: number);
}

export class SphereGeometry extends Geometry {
  constructor(radius?: number, around?: number, down?: number);
}

export class CanvasTexture implements Disposable {
  constructor(canvas: HTMLCanvasElement);
  anisotropy: number;
  colorSpace: string;
  needsUpdate: boolean;
  repeat: Vector;
  wrapS: number;
  wrapT: number;
  dispose(): void;
}

interface Colour {
  setScalar(value: number): void;
}

export class MeshStandardMaterial implements Disposable {
  constructor(properties: { roughness: number; side: number });
  aoMap: CanvasTexture | null;
  emissive: Colour;
  emissiveMap: CanvasTexture | null;
  map: CanvasTexture | null;
  metalness: number;
  aoMapIntensity: number;
  metalnessMap: CanvasTexture | null;
  needsUpdate: boolean;
  normalMap: CanvasTexture | null;
  normalScale: Vector;
  roughness: number;
  roughnessMap: CanvasTexture | null;
  dispose(): void;
}

interface Placed {
  position: Vector;
}

export class Mesh implements Placed {
  constructor(geometry: Geometry, material: MeshStandardMaterial);
  geometry: Geometry;
  position: Vector;
}

export class DirectionalLight implements Placed {
  constructor(colour: number, intensity: number);
  position: Vector;
}

export class HemisphereLight implements Placed {
  constructor(sky: number, ground: number, intensity: number);
  position: Vector;
}

export class PerspectiveCamera implements Placed {
  constructor(angle: number, aspect: number, near: number, far: number);
  aspect: number;
  fov: number;
  position: Vector;
  lookAt(x: number, y: number, z: number): void;
  updateProjectionMatrix(): void;
}

export class Scene {
  add(...what: Placed[]): void;
}

export class WebGLRenderer implements Disposable {
  constructor(options: { antialias: boolean; alpha: boolean });
  capabilities: { getMaxAnisotropy(): number };
  domElement: HTMLCanvasElement;
  dispose(): void;
  forceContextLoss(): void;
  render(scene: Scene, camera: PerspectiveCamera): void;
  setPixelRatio(ratio: number): void;
  setSize(width: number, height: number): void;
}

export const DoubleSide: number;
export const NoColorSpace: string;
export const RepeatWrapping: number;
export const SRGBColorSpace: string;
