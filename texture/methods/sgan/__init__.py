"""Spatial GAN (Jetchev, Bergmann & Vollgraf 2016, arXiv:1611.08207): train a generator on crops of one picture.

Departures from the paper, each of which a parameter takes back (preset `paper` takes back all of these):

- Nearest-neighbour upsampling and a convolution instead of a transposed convolution: no checkerboards.
- Hinge loss, spectral normalisation and a higher learning rate of the discriminator instead of binary cross-entropy
  with equal rates.
- Two discriminators, one of which sees the crop at half resolution: shapes are learnt in half the steps.
- What is shown and kept is an exponential moving average of the generator, always for the same noise field.
- Crops of 64 pixels in batches of 8, so that a step takes a tenth of a second on two cores; bfloat16 where it is fast.

And two that none takes back: all convolutions of the generator are on a torus, so that any noise field that wraps gives
a picture that wraps; and colours are those along the exemplar's principal axes, so that rare ones are learnt as well.

The scheme `ensemble` is Chavdarova & Fleuret 2018 (arXiv:1712.02330): pairs that train apart from each other, and a
global pair that learns from all of them without any of them learning from it.
"""

from texture.methods.sgan.run import sgan

__all__ = ["sgan"]
