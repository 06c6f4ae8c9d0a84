"""What the portal is measured against: the two packages most people would take, each in a minimal project."""
