"""Jobs: what they are, where they are stored, who runs them, and which events they publish."""
