"""Other methods of finding what rises, each as its authors describe it. They get the same posts as the detector."""
