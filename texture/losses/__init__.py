"""What is minimised: pure functions of feature maps and pictures."""
