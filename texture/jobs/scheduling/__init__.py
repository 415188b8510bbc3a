"""Who comes next on the device, and when everybody will be done."""
