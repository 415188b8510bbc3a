"""The API calls themselves."""
