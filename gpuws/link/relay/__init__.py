"""Many connections over one program: for a place to which no connection leads but a program's stdin and stdout."""
