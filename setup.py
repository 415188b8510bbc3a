"""What pyproject.toml cannot say of a wheel: its packages, the server left out, with the drawings of samples/ inside.

The server needs the page and its front-end libraries, which set-up fetches into the source folder: it runs from there.
"""

from setuptools import find_namespace_packages, setup

DRAWINGS = "texture.images.drawings"

setup(
    packages=[*find_namespace_packages(include=["texture*"], exclude=["texture.web*"]), DRAWINGS],
    package_dir={DRAWINGS: "samples"},
    package_data={"texture.reports": ["*.html"], "texture.runs": ["*.json"], DRAWINGS: ["*.jpg"]},
)
