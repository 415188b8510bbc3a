"""Who may come in, and from which page."""
