"""`style`: a picture in the style of others (Gatys, Ecker & Bethge 2016, Image Style Transfer Using CNNs).

Regions are those of Gatys et al. 2017 (arXiv:1611.07865). Where the default departs from the paper, and why (preset
`paper` departs in nothing but the optimiser's line search and the bounds of pixels):

- Coarse to fine: strokes that are large in the end are found while the picture is small, at a tenth of the cost.
- It begins with the content, not with noise: that takes fewer steps, and what is seen is never lost.
- Max pooling, which gives clearer strokes than the average, and a larger weight of style.
- Pixels are bounded to what can be shown, and steps between neighbours cost a little: no grain.
- bfloat16 in the convolutions where the machine has units for it; Gram matrices, picture and optimiser stay float32.
- A style has as many pixels as the result, whatever its shape, but is not enlarged: enlarged strokes are blurred ones.
- What a mask leaves without a style is not touched: its pixels are the content's own.
"""

from texture.methods.style.run import style

__all__ = ["style"]
