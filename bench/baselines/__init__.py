"""The usual ways, each as its authors would write it: a process that gets a port and prints its top lists."""
