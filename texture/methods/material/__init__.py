"""`material`: the maps of a material, estimated from one picture.

`params` says what can be set, `run` makes one map after the other by `texture.materials`.
"""

from texture.methods.material.params import MaterialParams
from texture.methods.material.run import material

__all__ = ["MaterialParams", "material"]
