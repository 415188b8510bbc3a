"""The maps of a material, estimated from one picture on a torus, and packed as engines take them."""
