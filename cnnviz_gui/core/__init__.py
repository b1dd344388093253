"""Networks, images and methods: a library of its own, without a window."""
