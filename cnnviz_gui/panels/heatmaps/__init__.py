"""The pages and parts that show heat maps."""
