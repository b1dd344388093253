"""Networks: the catalogue, the embedded one, and the frozen classifier in pixel space."""
