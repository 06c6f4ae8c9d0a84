"""Letters: enqueue (rows), render (words), deliver (gateways)."""
