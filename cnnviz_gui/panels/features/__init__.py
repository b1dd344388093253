"""The page of features: pictures made by gradient ascent, and what they are made with."""
