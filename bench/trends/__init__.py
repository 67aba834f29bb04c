"""`make trends`: how well rises are found, beside three published methods, on a made-up stream with planted rises."""
