"""The demo explains itself: captions for what is selected, and a tour of a few cards."""
