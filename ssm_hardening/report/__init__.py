"""How a report looks: one file for each format; every formatter returns text and prints nothing."""
