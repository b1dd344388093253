"""The page of attacks: pictures, steps, borders, race, defences, folder."""
