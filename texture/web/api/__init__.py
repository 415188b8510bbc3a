"""The parts of an API call: its declaration, request, response, and the document that describes it."""
