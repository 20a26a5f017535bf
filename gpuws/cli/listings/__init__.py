"""`gpus`, `top`, `ps`: what is, on every host at once."""
