// Dialogues that only tell something are closed by a press beside them, too. Those in which something is made are not.

/** @param {HTMLDialogElement} dialog */
export function closeByBackdrop(dialog) {
  /** @param {MouseEvent} event */
  const isBeside = ({ clientX: x, clientY: y, target }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    return target === dialog && (x < left || x > right || y < top || y > bottom);
  };
  let began = false; // what is selected by dragging out of it does not close it
  dialog.addEventListener("pointerdown", (event) => (began = isBeside(event)));
  dialog.addEventListener("click", (event) => began && isBeside(event) && dialog.close());
}
