"""Reserve ducts: empty ducts that pay now because a parcel is likely to need a line later."""
