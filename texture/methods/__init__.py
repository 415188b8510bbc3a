"""The methods of texture synthesis: a contract in `base`, and one file for each."""
