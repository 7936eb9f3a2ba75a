"""Routes of every utility to the parcels' red lines, with the trench paid once."""
