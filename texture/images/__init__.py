"""Files <-> pixels <-> tensors. Pixels are H×W×3 uint8 arrays in sRGB; only `tensors` needs torch."""
