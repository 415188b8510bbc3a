// How a picture is painted small.

/**
 * The middle of a picture, in the shape of the place that it is drawn to.
 * @param {CanvasRenderingContext2D} pen
 * @param {ImageBitmap | HTMLCanvasElement} picture
 * @param {[number, number, number, number]} place - left, top, width, height
 */
export function paintMiddle(pen, picture, [left, top, width, height]) {
  const scale = Math.min(picture.width / width, picture.height / height);
  const [across, down] = [width * scale, height * scale];
  const [x, y] = [(picture.width - across) / 2, (picture.height - down) / 2];
  pen.drawImage(picture, x, y, across, down, left, top, width, height);
}
