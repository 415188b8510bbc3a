// The page that shows the OpenAPI document. No validator: that would ask another host.
const room = document.getElementById("api");
/** @type {any} */ (window).SwaggerUIBundle({
  url: room.dataset.document,
  domNode: room,
  deepLinking: true,
  validatorUrl: null,
});
