"""Reports on a comparison: tables, curves, a contact sheet, and a self-contained page."""
