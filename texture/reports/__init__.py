"""What is left of a comparison when it is over: tables, curves, one picture of it all, and a page."""
