"""`tileset`: sixteen tiles, any of which fit together where the colours of their corners agree; made by `match`.

Corner tiles (Lagae & Dutré 2006): a plane of them never repeats, needs no blending, and is one look-up in a shader.
"""

from texture.methods.tileset.run import tileset

__all__ = ["tileset"]
