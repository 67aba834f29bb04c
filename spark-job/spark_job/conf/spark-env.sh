# Read by Spark's launcher. A SIGTERM to the whole process group is the driver's to handle: it ends the query, then Java.
trap '' TERM
