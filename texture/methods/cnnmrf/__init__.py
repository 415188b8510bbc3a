"""`cnnmrf`: patches of feature maps that are the exemplar's own (Li & Wand 2016, arXiv:1601.04589).

Where the default departs from the paper, and why:

- Matches are found again every few steps, not at each one: in between, the loss has a gradient that fits it.
- Distances are averages, each as a share of what the exemplar has itself, so that weights mean the same at each size.
- Finer layers go along with the finest one that is matched (`detail_layers`): their patches come from the same places.
  They hold colour and sharp edges, which an average of deep features that overlap would lose.
- Without a content picture the result lives on a torus (`tile`), and so do its patches. The exemplar does not: all its
  patches lie inside.
- bfloat16 in the convolutions where the machine has units for it; matching, picture and optimiser stay float32.
"""

from texture.methods.cnnmrf.run import cnnmrf

__all__ = ["cnnmrf"]
