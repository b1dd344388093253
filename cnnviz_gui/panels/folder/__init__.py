"""How the pictures of a folder are shown, whatever was asked of them."""
