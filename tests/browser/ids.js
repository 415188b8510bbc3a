// Ids that are used twice, and references to ids that are not there.
() => {
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  const attributes = ["aria-labelledby", "aria-describedby", "for"];
  const named = (node) => attributes.flatMap((name) => (node.getAttribute(name) ?? "").split(" ").filter(Boolean));
  const referring = document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]");
  const references = [...referring].flatMap(named);
  return [ids.filter((id, at) => ids.indexOf(id) !== at), references.filter((id) => !ids.includes(id))];
};
