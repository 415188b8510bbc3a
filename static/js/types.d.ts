// Types that several modules use. What the server sends is as the API's own document says (`make lint` makes it).

import type { components } from "../../build/api";

type Schemas = components["schemas"];

export type { Ids } from "../../build/ids";

/** A job's parameters: those that the page itself looks at, and all others. */
export interface Params {
  [name: string]: unknown;
  size?: string | number | null;
  exemplar_size?: number | null;
  seed?: number;
  tile?: string;
  task?: string;
  minutes?: number | null;
}

/** A job's row, and seconds by the clock on the wall as its steps tell them. */
export type Job = Required<Omit<Schemas["Job"], "params">> & { params: Params; wall?: number };
export type State = Job["state"];
export type Comparison = Omit<Schemas["ComparisonAnswer"], "jobs"> & { jobs: Job[] };
export type Entry = Omit<Schemas["Entry"], "jobs"> & { jobs: Job[] };
export type Point = Schemas["Point"];
export type Method = Schemas["MethodDescription"];
export type Role = Schemas["RoleDescription"];
export type Sample = Schemas["SampleDescription"];
export type Weights = Schemas["WeightsState"];
/** Jobs and comparisons, by their ids. */
export type Several = Required<Schemas["Several"]>;
export type Usage = Schemas["Usage"];
export type Workforce = Schemas["Workforce"];
export type Catalogue = Schemas["Catalogue"];
export type Metric = Schemas["MetricDescription"];
/** A run that begins with a job’s result. */
export type Continuation = Omit<Schemas["Continuation"], "params"> & { params: Params };
/** What is done to a picture: its quarter turns, its angle, its crop. */
export type Edit = Schemas["Edit"];
export type Lattice = Schemas["Lattice"];
export type Expected = Schemas["Expected"];
export type ProblemDocument = Partial<Schemas["Problem"]>;

/** A property of a method's JSON schema, as far as a form asks for it. */
export interface Property {
  $ref?: string;
  anyOf?: Property[];
  type?: string;
  enum?: Choice[];
  const?: Choice;
  format?: string;
  items?: Property;
  title?: string;
  description?: string;
  default?: unknown;
  simple?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  pattern?: string;
  examples?: string[];
  "x-words"?: Record<string, string>;
  "x-multiple"?: number;
  "x-smallest"?: number;
  "x-largest"?: number;
}

export interface Schema {
  properties?: Record<string, Property>;
  $defs?: Record<string, Property>;
}

export type Choice = string | number | null;
export type Kind = "choice" | "integer" | "json" | "list" | "number" | "size" | "switch" | "text";

/** What a form needs to know of a parameter. */
export interface Parameter {
  name: string;
  kind: Kind;
  label: string;
  help: string;
  default: unknown;
  simple: boolean;
  nullable: boolean;
  choices: Choice[];
  words: Record<string, string>;
  items?: Property;
  minimum?: number;
  maximum?: number;
  multiple?: number;
  pattern?: string;
  examples: string[];
  /** Of a size: those that have a button. */
  common?: string[];
}

/** What a value is typed into, or chosen by. */
export interface Control {
  node: HTMLElement;
  /** Takes the focus. */
  target: HTMLElement;
  /** All that take what is typed, where there are several. */
  both?: HTMLElement[];
  /** Several buttons that have a name together. */
  group?: boolean;
  /** Says its name by itself. */
  labelled?: boolean;
  get(): unknown;
  set(value: unknown): void;
}

/** A control of which one field is typed into. */
export interface TypedControl extends Control {
  target: HTMLInputElement;
}

export interface Shape {
  width: number;
  height: number;
}

/** How often a tile is repeated. */
export interface Repeated {
  columns: number;
  rows: number;
}

export interface Spot {
  x: number;
  y: number;
}

/** A picture that can be an input: an upload or a sample. */
export interface Picture {
  id: string;
  name: string;
  width?: number;
  height?: number;
  note?: string | null;
}

/** A picture of a job on its way, as the socket brings it: a JPEG. */
export interface Frame {
  job: string;
  seq: number;
  number: number;
  data: ArrayBuffer;
}

/** What is watched, as it is now: rows, points of their curves, and pictures of those that have one to show. */
export interface Snapshot {
  comparison: Comparison | null;
  jobs: { job: Job; points: Point[]; frame: Omit<Frame, "job"> | null }[];
  weights: Weights | null;
}

/** How far a job is, as the socket tells it. */
export type Step = Pick<Job, "seq" | "number" | "total" | "seconds" | "done" | "eta" | "losses" | "metrics"> & {
  job: string;
  wall: number;
};

/** The newest picture of a job. */
export interface LivePicture {
  bitmap: ImageBitmap;
  number: number;
}

export type View = "new" | "job" | "comparison" | "history" | "models";

/** Where in the app one is. */
export interface Place {
  view: View;
  /** Null where there is only one of a kind. */
  id: string | null;
}

/** What a job or a comparison is made from: the pictures, and what is run on them. */
export interface Run {
  method: string;
  preset?: string | null;
  params: Params;
}

export interface Plan {
  images: Record<string, string>;
  runs: Run[];
  instead?: Run[];
}

declare global {
  /** What our own objects tell is in the detail of a CustomEvent. */
  interface EventTarget {
    addEventListener(type: string, seen: (event: CustomEvent) => void, options?: AddEventListenerOptions): void;
  }
}
