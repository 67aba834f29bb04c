"""Socket.IO: snapshots out to open pages."""
