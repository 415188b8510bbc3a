"""`match`: patches of the exemplar, rearranged (PatchMatch, Barnes et al. 2009). No network, no weights.

Texture optimisation (Kwatra et al. 2005; Kaspar et al. 2015) on a torus, from coarse to fine: see `search`. Where it
departs from these, and why:

- A regular exemplar is fitted to the tile first, each pixel begins at its own place in the pattern, each cell of the
  pattern at another place of the exemplar, and leaving one's place in the pattern costs something.
- Prices instead of a fixed penalty have all parts of the exemplar used alike.
- The result may live on a torus (`tile`); where it does not, patches end at its border. The exemplar's never leave it.
- Neighbours are asked in the order of a chequerboard's two colours instead of row by row, so that all pixels of one
  colour can be worked on at one time and the number of threads changes nothing.
"""

from texture.methods.match.run import match, mend, seamless

__all__ = ["match", "mend", "seamless"]
