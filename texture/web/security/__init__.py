"""Access control: token, sessions and origins."""
