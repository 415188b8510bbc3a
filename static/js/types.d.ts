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
export type Catalogue = Schemas["Catalogue"];
export type Metric = Schemas["MetricDescription"];
/** A run that begins with a job’s result. */
export type Continuation = Omit<Schemas["Continuation"], "params"> & { params: Params };
/** What is done to a picture: its quarter turns, its angle, its crop. */
export type Edit = Schemas["Edit"];
export type Lattice = Schemas["Lattice"];
export type Expected = Schemas["Expected"];
export type ProblemDocument = Partial<Schemas["Problem"]>;

export interface Shape {
  width: number;
  height: number;
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
