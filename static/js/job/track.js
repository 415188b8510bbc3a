// Where one is among the pictures that are kept of a job's iterations, and behind these what it looks like now.

export class Track {
  /** @type {number[]} */
  numbers = []; // the steps of which there are pictures, the first one first
  /** @type {number | null} */
  number = null; // the step that is looked at; null: at the end

  /** The place on a slider, 0 for the first picture. */
  get place() {
    if (this.number === null) return this.end;
    const later = this.numbers.findIndex((number) => number > this.number);
    return Math.max(0, (later < 0 ? this.end : later) - 1); // of the nearest before, where its own is gone
  }

  /** @param {number} place */
  set place(place) {
    this.number = this.numbers[place] ?? null;
  }

  get end() {
    return this.numbers.length;
  }

  /** What is looked at stays the same, wherever it is among these. */
  set(numbers) {
    this.numbers = numbers;
  }

  /** On to the next place; from the end to the first. */
  advance() {
    this.place = this.number === null ? 0 : this.place + 1;
  }
}
