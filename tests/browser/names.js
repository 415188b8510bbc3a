// Controls and pictures without a name that a screen reader could say.
() => {
  const kinds = "button, a[href], input, select, textarea, summary, canvas, [role=img], dialog";
  const texts = (ids) =>
    (ids || "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join("");
  const labels = (node) => [...(node.labels ?? [])].map((label) => label.textContent).join("");
  const name = (node) => {
    return (
      node.getAttribute("aria-label") || texts(node.getAttribute("aria-labelledby")) || labels(node) || node.textContent
    );
  };
  const inside = (node) => node.tagName === "CANVAS" && node.closest("div[role=img]"); // the curve's own canvas
  const nameless = (node) => !node.closest("[aria-hidden=true]") && !inside(node) && !name(node).trim();
  return [...document.querySelectorAll(kinds)].filter(nameless).map((node) => node.outerHTML.slice(0, 120));
};
