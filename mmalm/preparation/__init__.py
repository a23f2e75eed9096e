"""Whether a data set's files are all there, where the missing ones come from, and building what can be built of them."""
