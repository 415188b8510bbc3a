"""Texture networks (Ulyanov et al. 2016, arXiv:1603.03417): a network learns, once, what `gatys` seeks every time.

Its pictures are judged as Gatys judges pixels, by the statistics of VGG's features, and the network's weights are
changed instead of the pixels. Trained, it makes a texture of any size, or repaints any picture, in one pass. Instance
normalisation is that of arXiv:1607.08022.

Departures from the paper, each of which a parameter takes back (preset `paper` takes back all of these):

- Statistics are compared along the exemplar's own axes (`whitening`), and the root of each layer's loss counts: rare
  colours and fine differences are learnt in minutes.
- Pictures are judged at full and at half size (`views`).
- A batch shows parts of one large picture, which is normalised and compared as a whole (`pooled_statistics`).
- The generator has many channels where its maps are small, and few where they are large.
- For the last steps the statistics of the normalisation are frozen (`freeze_fraction`), so that the network that is
  learnt is the one that paints. At the paper's learning rate, which is still large then, the picture would go flat.

And three that none takes back: all convolutions are on a torus, so that any noise field that wraps gives a picture that
wraps; each layer of VGG has the same say before its weight; and a texture is painted with the normalisation's running
averages, so that the network is local and fits block to block.
"""

from texture.methods.texnet.run import texnet

__all__ = ["texnet"]
