"""The classic ways, each as its authors would write it: a process that is told a port and prints its top lists."""
