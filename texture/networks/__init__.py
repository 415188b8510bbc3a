"""Networks that are trained here: layers that know the torus, generators and discriminators."""
