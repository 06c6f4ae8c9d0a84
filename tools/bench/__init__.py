"""`make bench`: known against unknown people, the portal against its rivals, and where its time goes."""
