// The page that shows the OpenAPI document. No validator: that would ask another host.
const dark = matchMedia("(prefers-color-scheme: dark)");
const { theme } = document.documentElement.dataset;
const showTheme = () => document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : dark.matches);
dark.addEventListener("change", showTheme);
showTheme();

const room = document.getElementById("api");
/** @type {any} */ (window).SwaggerUIBundle({
  url: room.dataset.document,
  domNode: room,
  deepLinking: true,
  validatorUrl: null,
});
