"""The websocket: who watches what, and what each viewer receives."""
