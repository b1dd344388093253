"""Feature visualisation: pictures made by gradient ascent, for a channel, a layer or a class."""
