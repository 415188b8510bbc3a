"""Pretrained networks as functions from a picture to named feature maps, and where their weights come from."""
