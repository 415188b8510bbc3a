// Before the first paint: the theme that the person chose, so that nothing flashes. The only script that is no module.
try {
  const theme = JSON.parse(localStorage.getItem("texture-lab.theme"));
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked or holds something odd: the system's theme will do.
}
